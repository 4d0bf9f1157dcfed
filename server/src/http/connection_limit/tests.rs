//! Connections that make room, and those that are kept.

use std::net::IpAddr;

use tokio::task::JoinHandle;
use tokio::time::{advance, timeout};

use super::*;

/// Creates a limiter with a limit of connections.
fn limit_to(max_connections: usize) -> Arc<ConnectionLimiter> {
    let limits = Limits { max_connections, ..Limits::default() };
    ConnectionLimiter::new(&limits, false)
}

/// Creates a limiter with a memory limit.
fn limit_memory_to(max_body_memory: usize) -> Arc<ConnectionLimiter> {
    let limits = Limits { max_body_memory, ..Limits::default() };
    ConnectionLimiter::new(&limits, false)
}

/// Client with an IPv4 address.
fn client(last_byte: u8) -> ClientNetwork {
    IpAddr::from([10, 0, 0, last_byte]).into()
}

/// Acquires a slot for a client.
async fn acquire(limiter: &Arc<ConnectionLimiter>) -> Arc<ConnectionSlot> {
    limiter.acquire(client(1)).await.unwrap()
}

/// Acquires a slot whose task never ends.
async fn connect(limiter: &Arc<ConnectionLimiter>) -> (Arc<ConnectionSlot>, JoinHandle<()>) {
    let slot = acquire(limiter).await;
    let task = spawn_task(limiter, &slot);
    (slot, task)
}

/// Registers a task that never ends as the task of a connection.
fn spawn_task(limiter: &ConnectionLimiter, slot: &ConnectionSlot) -> JoinHandle<()> {
    let task = tokio::spawn(std::future::pending());
    limiter.register_task(slot.id(), task.abort_handle());
    task
}

#[tokio::test(start_paused = true)]
async fn closes_the_connection_that_waits_longest() {
    let limiter = limit_to(2);
    let (first, second) = (acquire(&limiter).await, acquire(&limiter).await);
    let (first_task, second_task) = (spawn_task(&limiter, &first), spawn_task(&limiter, &second));
    advance(Duration::from_millis(1)).await;
    first.set_processing();
    first.set_responded();
    let third = acquire(&limiter).await;
    assert!(second_task.await.is_err_and(|error| error.is_cancelled()));
    assert!(!first_task.is_finished());
    // Kept until here, since dropping a slot frees it.
    drop((first, second, third));
}

#[tokio::test(start_paused = true)]
async fn keeps_a_new_connection_for_its_grace_period() {
    let limiter = limit_to(1);
    let first = acquire(&limiter).await;
    let task = spawn_task(&limiter, &first);
    assert!(timeout(GRACE / 2, acquire(&limiter)).await.is_err());
    assert!(!task.is_finished());
    assert!(timeout(GRACE, acquire(&limiter)).await.is_ok());
    assert!(task.await.is_err());
}

#[tokio::test]
async fn a_shutdown_keeps_only_requests_that_are_being_processed() {
    let limiter = limit_to(4);
    let new = acquire(&limiter).await;
    let receiving = acquire(&limiter).await;
    let processing = acquire(&limiter).await;
    let responded = acquire(&limiter).await;
    let tasks = [&new, &receiving, &processing, &responded].map(|slot| spawn_task(&limiter, slot));
    [&receiving, &processing, &responded].iter().for_each(|slot| slot.set_receiving_body());
    [&processing, &responded].iter().for_each(|slot| slot.set_processing());
    responded.set_responded();
    assert_eq!(limiter.count_requests(), 2);
    let [new_task, receiving_task, processing_task, responded_task] = tasks;
    limiter.close_new();
    assert!(new_task.await.is_err());
    assert!(![&receiving_task, &processing_task, &responded_task].iter().any(|task| task.is_finished()));
    limiter.close_waiting();
    assert!(receiving_task.await.is_err() && responded_task.await.is_err());
    assert!(!processing_task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn keeps_a_connection_whose_request_is_being_processed() {
    let limiter = limit_to(1);
    let first = acquire(&limiter).await;
    let task = spawn_task(&limiter, &first);
    first.set_processing();
    assert!(timeout(Duration::from_secs(3_600), acquire(&limiter)).await.is_err());
    assert!(!task.is_finished());
    drop(first);
    assert!(timeout(Duration::ZERO, acquire(&limiter)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_client_at_its_limit_replaces_its_own_connection_or_is_refused() {
    let limits = Limits { max_connections_per_client: 2, ..Limits::default() };
    let limiter = ConnectionLimiter::new(&limits, false);
    let other = limiter.acquire(client(2)).await.unwrap();
    let other_task = spawn_task(&limiter, &other);
    let ((first, first_task), (second, second_task)) = (connect(&limiter).await, connect(&limiter).await);
    assert!(limiter.acquire(client(1)).await.is_none(), "within the grace period");
    advance(GRACE).await;
    first.set_processing();
    let (third, third_task) = connect(&limiter).await;
    assert!(second_task.await.is_err());
    third.set_processing();
    assert!(limiter.acquire(client(1)).await.is_none(), "all in use");
    assert!(limiter.acquire(client(3)).await.is_some());
    assert!(![&first_task, &third_task, &other_task].iter().any(|task| task.is_finished()));
    drop((first, second, third, other));
}

#[tokio::test]
async fn connections_through_a_proxy_are_not_limited_for_each_client() {
    let limits = Limits { max_connections_per_client: 1, ..Limits::default() };
    let limiter = ConnectionLimiter::new(&limits, true);
    let slots = [limiter.acquire(client(1)).await, limiter.acquire(client(1)).await];
    assert!(slots.iter().all(Option::is_some));
}

#[tokio::test(start_paused = true)]
async fn bodies_have_at_most_the_reserved_memory() {
    let limiter = limit_memory_to(100);
    let ((first, first_task), (second, second_task)) = (connect(&limiter).await, connect(&limiter).await);
    let reservations = (first.reserve(60).ok().unwrap(), second.reserve(40).ok().unwrap());
    let third = acquire(&limiter).await;
    assert_eq!(third.reserve(1).err(), Some(OutOfMemory), "within the grace period");
    drop(reservations.1);
    assert!(third.reserve(40).is_ok());
    assert!(third.reserve(41).is_err());
    assert!(!first_task.is_finished() && !second_task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn memory_is_freed_by_closing_the_clients_without_progress() {
    let limiter = limit_memory_to(100);
    let ((slow, slow_task), (fast, fast_task)) = (connect(&limiter).await, connect(&limiter).await);
    let (busy, busy_task) = connect(&limiter).await;
    let (idle, idle_task) = connect(&limiter).await;
    let _reservations = [slow.reserve(30), fast.reserve(30), busy.reserve(30)];
    busy.set_processing();
    [&slow, &fast].iter().for_each(|slot| slot.set_responded());
    advance(GRACE).await;
    fast.record_progress();
    let new = acquire(&limiter).await;
    assert!(new.reserve(41).is_err(), "only 40 bytes can be freed, so no connection is closed");
    assert!(!slow_task.is_finished());
    assert!(new.reserve(40).is_ok());
    assert!(slow_task.await.is_err());
    assert!(![&fast_task, &busy_task, &idle_task].iter().any(|task| task.is_finished()));
    drop((slow, fast, busy, idle));
}

#[tokio::test(start_paused = true)]
async fn a_body_larger_than_the_limit_is_accepted_while_it_is_the_only_one() {
    let limiter = limit_memory_to(100);
    let ((first, _), (second, _)) = (connect(&limiter).await, connect(&limiter).await);
    let small = first.reserve(1).ok();
    assert!(second.reserve(1_000).is_err());
    drop(small);
    let large = second.reserve(1_000).ok();
    assert!(large.is_some() && first.reserve(1).is_err());
    drop(large);
    assert!(first.reserve(100).is_ok());
}

#[tokio::test(start_paused = true)]
async fn requests_in_a_queue_do_not_lock_out_their_client() {
    let limits = Limits { max_connections_per_client: 2, ..Limits::default() };
    let limiter = ConnectionLimiter::new(&limits, false);
    let ((first, first_task), (second, second_task)) = (connect(&limiter).await, connect(&limiter).await);
    [&first, &second].iter().for_each(|slot| slot.set_queued());
    first.set_processing();
    advance(GRACE).await;
    let third = limiter.acquire(client(1)).await;
    assert!(third.is_some() && second_task.await.is_err());
    assert!(!first_task.is_finished(), "its request has been started");
    drop((first, second, third));
}
