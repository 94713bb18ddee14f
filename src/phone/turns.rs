//! The queue in front of each phone: one request at a time, the most urgent first, then in order of arrival.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::target::Urgency;

/// One phone: its address and its port for http.
pub(super) type Phone = (Ipv4Addr, u16);
type Place = (Urgency, u64);
type Queue = BTreeMap<Place, oneshot::Sender<Turn>>;

/// The queues of all phones that have a request under way. A phone without one takes no memory.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Queues>);

#[derive(Debug, Default)]
struct Queues {
    phones: HashMap<Phone, Queue>,
    tickets: u64,
}

/// The right to send one request to one phone; the next in the queue gets it when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    phone: Phone,
    handed_on: bool,
}

/// A place in a queue, left when the one who waits is dropped.
struct Waiting<'a> {
    turns: &'a Turns,
    phone: Phone,
    place: Place,
}

impl Turns {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn.
    pub(super) async fn wait(self: &Arc<Self>, phone: Phone, urgency: Urgency) -> Turn {
        loop {
            let (place, receiver) = {
                let mut queues = self.lock();
                queues.tickets += 1;
                let place = (urgency, queues.tickets);
                let Some(queue) = queues.phones.get_mut(&phone) else {
                    queues.phones.insert(phone, Queue::new());
                    return self.turn(phone);
                };
                let (sender, receiver) = oneshot::channel();
                queue.insert(place, sender);
                (place, receiver)
            };
            let _waiting = Waiting {
                turns: self,
                phone,
                place,
            };
            if let Ok(turn) = receiver.await {
                return turn;
            }
        }
    }

    /// How many requests to the phone are under way or wait.
    pub(super) fn ahead(&self, phone: Phone) -> usize {
        self.lock().phones.get(&phone).map_or(0, |queue| queue.len() + 1)
    }

    fn turn(self: &Arc<Self>, phone: Phone) -> Turn {
        Turn {
            turns: Arc::clone(self),
            phone,
            handed_on: false,
        }
    }

    /// The first of the queue; the phone is forgotten when nobody waits.
    fn next(&self, phone: Phone) -> Option<oneshot::Sender<Turn>> {
        let mut queues = self.lock();
        let next = queues.phones.get_mut(&phone)?.pop_first().map(|(_, sender)| sender);
        if next.is_none() {
            queues.phones.remove(&phone);
        }
        next
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(queue) = self.turns.lock().phones.get_mut(&self.phone) {
            queue.remove(&self.place);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.handed_on {
            return;
        }
        while let Some(sender) = self.turns.next(self.phone) {
            match sender.send(self.turns.turn(self.phone)) {
                Ok(()) => return,
                Err(mut unwanted) => unwanted.handed_on = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;

    use super::*;

    const PHONE: Phone = (Ipv4Addr::LOCALHOST, 80);

    #[tokio::test]
    async fn the_most_urgent_goes_first_and_who_leaves_is_forgotten() {
        let turns = Arc::new(Turns::default());
        let first = turns.wait(PHONE, Urgency::Background).await;
        let mut background = Box::pin(turns.wait(PHONE, Urgency::Background));
        let mut look = Box::pin(turns.wait(PHONE, Urgency::Look));
        let mut press = Box::pin(turns.wait(PHONE, Urgency::Press));
        let mut second_press = Box::pin(turns.wait(PHONE, Urgency::Press));
        for waiting in [&mut background, &mut look, &mut press, &mut second_press] {
            assert!(poll!(waiting).is_pending());
        }
        drop(press);
        assert_eq!(turns.ahead(PHONE), 4);
        drop(first);
        assert!(poll!(&mut look).is_pending() && poll!(&mut background).is_pending());
        let Poll::Ready(turn) = poll!(&mut second_press) else {
            panic!("the press has its turn");
        };
        drop(turn);
        assert!(poll!(&mut background).is_pending());
        drop(look);
        drop(background.await);
        assert!(turns.lock().phones.is_empty());
        assert_eq!(turns.ahead(PHONE), 0);
    }

    #[tokio::test]
    async fn phones_do_not_wait_for_each_other() {
        let turns = Arc::new(Turns::default());
        let _one = turns.wait(PHONE, Urgency::Look).await;
        let _other = turns.wait((Ipv4Addr::LOCALHOST, 81), Urgency::Look).await;
        assert_eq!(turns.lock().phones.len(), 2);
    }
}
