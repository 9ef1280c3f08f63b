//! Orders: each is one transaction, and the events that tell of it are a part of that.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use typed_sse_postgres::PublishIn as _;

use crate::app::App;
use crate::events::Shop;
use crate::refused::Refused;

/// Who may order. A customer's stream is named after them, so not just anybody makes one.
const CUSTOMERS: [&str; 3] = ["ada", "grace", "linus"];

/// The stream of the back office.
pub(crate) const OFFICE: &str = "office";

/// The stream of a customer.
pub(crate) fn stream_of(customer: &str) -> Result<String, Refused> {
    CUSTOMERS.contains(&customer).then(|| format!("customer/{customer}")).ok_or(Refused::NoSuchCustomer)
}

#[derive(Deserialize)]
pub(crate) struct NewOrder {
    customer: String,
    item: String,
    card: Card,
}

/// What the bank says of a card.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Card {
    Good,
    Refused,
}

#[derive(Serialize)]
pub(crate) struct Placed {
    order: i64,
}

/// Whatever goes wrong in here, the transaction is dropped, and so it is rolled back: there is no order, and nobody hears of one.
pub(crate) async fn place(app: &App, new: NewOrder) -> Result<Placed, Refused> {
    let NewOrder { customer, item, card } = new;
    let own = app.topics.channel(stream_of(&customer)?)?;
    let office = app.topics.channel(OFFICE)?;
    let mut transaction = app.database.begin().await?;
    let insert = "INSERT INTO orders (customer, item, cents) SELECT $1, name, cents FROM items WHERE name = $2 \
                  RETURNING number, cents";
    let inserted = sqlx::query_as::<_, (i64, i32)>(insert).bind(&customer).bind(&item);
    let (order, cents) = inserted.fetch_optional(&mut *transaction).await?.ok_or(Refused::NoSuchItem)?;

    let placed = Shop::OrderPlaced { order, customer, item: item.clone(), cents };
    own.publish_in(&mut transaction, &placed).await?;
    office.publish_in(&mut transaction, &placed).await?;

    // Both have the event already, if it comes to the commit. It may not.
    let take = "UPDATE items SET stock = stock - 1 WHERE name = $1 RETURNING stock";
    let left = sqlx::query_scalar(take).bind(&item).fetch_one(&mut *transaction).await?;
    office.publish_in(&mut transaction, &Shop::StockChanged { item, left }).await?;
    charge(card).await?;
    transaction.commit().await?;
    Ok(Placed { order })
}

/// A bank takes its time.
async fn charge(card: Card) -> Result<(), Refused> {
    tokio::time::sleep(Duration::from_millis(40)).await;
    match card {
        Card::Good => Ok(()),
        Card::Refused => Err(Refused::Card),
    }
}

/// Sends an order, once.
pub(crate) async fn send(app: &App, order: i64) -> Result<(), Refused> {
    let mut transaction = app.database.begin().await?;
    let update =
        "UPDATE orders SET sent_at = now() WHERE number = $1 AND sent_at IS NULL RETURNING customer, item";
    let sent = sqlx::query_as::<_, (String, String)>(update).bind(order);
    let (customer, item) = sent.fetch_optional(&mut *transaction).await?.ok_or(Refused::NothingToSend)?;
    let own = app.topics.channel(stream_of(&customer)?)?;
    let sent = Shop::OrderSent { order, customer, item };
    own.publish_in(&mut transaction, &sent).await?;
    app.topics.channel(OFFICE)?.publish_in(&mut transaction, &sent).await?;
    transaction.commit().await?;
    Ok(())
}

#[derive(Serialize)]
pub(crate) struct Item {
    name: String,
    cents: i32,
    stock: i32,
}

/// What the tables say, for the page to compare with what it was told.
#[derive(Serialize)]
pub(crate) struct Rows {
    items: Vec<Item>,
    /// The numbers of all orders.
    orders: Vec<i64>,
}

pub(crate) async fn rows(app: &App) -> Result<Rows, Refused> {
    let items = "SELECT name, cents, stock FROM items ORDER BY cents";
    let items = sqlx::query_as::<_, (String, i32, i32)>(items).fetch_all(&app.database).await?;
    let items = items.into_iter().map(|(name, cents, stock)| Item { name, cents, stock }).collect();
    let orders = "SELECT number FROM orders ORDER BY number DESC LIMIT 1000";
    Ok(Rows { items, orders: sqlx::query_scalar(orders).fetch_all(&app.database).await? })
}
