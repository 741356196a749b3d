//! Work that goes on several threads at a time.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for each number below `count`, on as many threads as are asked for, or as the machine has; what comes of
/// it is in the order of the numbers. So many as `fewest` are not worth a thread.
pub fn each<T: Send>(
    count: usize,
    fewest: usize,
    jobs: Option<NonZeroUsize>,
    work: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    // Asking the system how many threads it has takes longer than a small project.
    if count <= fewest {
        return (0..count).map(work).collect();
    }
    let all = jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let share = || {
        let taken = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        taken.take_while(|at| *at < count).map(|at| (at, work(at))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..all.min(count.div_ceil(fewest))).map(|_| scope.spawn(share)).collect();
        let mut done = share();
        done.extend(others.into_iter().flat_map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))));
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, done)| done).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::each;

    #[test]
    fn what_comes_of_it_keeps_its_order() {
        let squares: Vec<usize> = (0..1000).map(|number| number * number).collect();
        for jobs in [1, 2, 7, 64] {
            assert_eq!(each(1000, 10, NonZeroUsize::new(jobs), &|number| number * number), squares, "{jobs}");
        }
        assert!(each(0, 10, None, &|number| number).is_empty());
    }
}
