//! What a route tells of its work, and of whom.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod route_world;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, SharedString, Unit,
};
use otp_core::{SendErrorKind as Kind, Sender};
use otp_providers::route::Tuning;
use route_world::{CODE, Does, SECOND, World, message};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

const NUMBER: &str = "+919876543210";

/// Series with their sum or last value.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<BTreeMap<String, f64>>>);

#[derive(Debug)]
struct Series(String, Recorder);

impl Series {
    fn of(key: &Key, recorder: &Recorder) -> Arc<Self> {
        let labels = key.labels().map(|l| format!("{}={}", l.key(), l.value()));
        let labels: Vec<_> = labels.collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Self(name, recorder.clone()))
    }

    fn change(&self, change: impl FnOnce(f64) -> f64) {
        let mut kept = self.1.0.lock().unwrap();
        let value = kept.entry(self.0.clone()).or_default();
        *value = change(*value);
    }
}

impl CounterFn for Series {
    fn increment(&self, _: u64) {
        self.change(|value| value + 1.0);
    }
    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Series {
    fn increment(&self, _: f64) {}
    fn decrement(&self, _: f64) {}
    fn set(&self, to: f64) {
        self.change(|_| to);
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Series::of(key, self))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Series::of(key, self))
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A provider that fails twice, is left out, fails its probe, and works again; one that has no money; one that works;
/// a message that nobody may take. What all of it shows in `Debug` and in errors.
async fn story() -> String {
    let world = World::new();
    let twice = Tuning::default().failures(2);
    let (first, a) = world.tuned("a", &[Does::Refuses(Kind::Transient)], twice);
    let (_, b) = world.provider("b", &[Does::Refuses(Kind::InsufficientCredit)]);
    let (last, c) = world.provider("c", &[Does::Takes]);
    let chain = world.builder().chain("IN".parse().unwrap(), [a, b, c]);
    let route = chain.build().unwrap();
    for _ in 0..2 {
        route.send(&message(NUMBER)).await.unwrap();
    }
    tokio::time::advance(30 * SECOND).await;
    route.send(&message(NUMBER)).await.unwrap();
    tokio::time::advance(60 * SECOND).await;
    first.now_does([Does::Takes]);
    route.send(&message(NUMBER)).await.unwrap();
    first.now_does([Does::Refuses(Kind::Unreachable)]);
    last.now_does([Does::Refuses(Kind::Unreachable)]);
    let undelivered = route.send(&message(NUMBER)).await.unwrap_err();
    let nowhere = route.send(&message("+989123456789")).await.unwrap_err();
    format!("{route:?} {undelivered:?} {nowhere:?} {:?}", route.health())
}

fn paused() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

fn names_nobody(text: &str) {
    for secret in [CODE, "987654321", "9123456", "912345"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

/// LOG-1, LOG-2: one line for each time that a message moves on, and labels that are providers and classes; neither
/// holds a number or a code. One test, for a log is heard by one thread, and lines of other threads may silence it.
#[test]
fn lines_and_figures_name_nobody() {
    let (lines, recorder) = (Lines::default(), Recorder::default());
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let told = || paused().block_on(story());
    let counted = || metrics::with_local_recorder(&recorder, told);
    let shown = tracing::subscriber::with_default(subscriber, counted);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let seen = recorder.0.lock().unwrap().clone();
    for told in [&text, &shown, &format!("{seen:?}")] {
        names_nobody(told);
    }
    for (line, times) in [
        ("class=\"transient\"", 2),
        ("needs its operator", 3),
        ("left out for a while", 5),
        ("works again", 1),
        ("no entry", 1),
    ] {
        let count = text.lines().filter(|l| l.contains(line)).count();
        assert_eq!(count, times, "{line}: {text}");
    }
    let sends = |labels: &str| seen[&format!("otp_sends_total{{{labels}}}")];
    assert_eq!(sends("provider=a,class=transient"), 3.0, "{seen:?}");
    assert_eq!(sends("provider=a,class=taken"), 1.0);
    assert_eq!(sends("provider=a,class=skipped_open"), 1.0);
    assert_eq!(sends("provider=b,class=insufficient_credit"), 3.0);
    assert_eq!(sends("provider=c,class=taken"), 3.0);
    assert_eq!(seen["otp_provider_open{provider=a}"], 0.0);
    assert_eq!(seen["otp_provider_open{provider=b}"], 1.0);
}
