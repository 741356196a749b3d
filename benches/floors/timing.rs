//! Medians of wall clock times.
//!
//! What is to be compared runs in turns, so that a busy moment of the machine slows both down.

use std::time::{Duration, Instant};

/// The result of `run`, and how long it took.
pub(crate) fn time<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = run();
    (result, start.elapsed())
}

/// The median time of each of two runs, taken in turns, `rounds` times after one to warm up.
pub(crate) fn in_turns(
    rounds: usize,
    mut one: impl FnMut() -> Duration,
    mut other: impl FnMut() -> Duration,
) -> [Duration; 2] {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let times = (one(), other());
        if round > 0 {
            ones.push(times.0);
            others.push(times.1);
        }
    }
    [median(ones), median(others)]
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How many times longer `time` is than `floor`.
pub(crate) fn ratio(time: Duration, floor: Duration) -> f64 {
    time.as_secs_f64() / floor.as_secs_f64()
}

/// Prints one figure. `wanted` is what it should be.
pub(crate) fn print(what: &str, figure: &str, wanted: &str) {
    println!("  {what:<52} {figure:>34}   {wanted}");
}
