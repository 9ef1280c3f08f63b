//! Channels whose log a store keeps.

mod faulty;
mod past_the_window;
mod random;
mod restart;
mod several_servers;
mod store_down;
mod support;
