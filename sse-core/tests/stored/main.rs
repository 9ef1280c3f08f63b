//! Channels whose log a store keeps.

mod next_life;
mod overtaken;
mod past_the_window;
mod publisher;
mod replay_rate;
mod restart;
mod several_servers;
mod states;
mod store_down;
mod support;
mod the_last;
mod topics;
