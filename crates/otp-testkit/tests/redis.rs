//! The servers start, break and come back as they promise.

use otp_testkit::{Redis, RedisOptions, redis_url};

#[test]
fn a_killed_server_comes_back_empty_on_its_port() {
    let redis = Redis::start();
    redis.must(&["SET", "a", "1"]);
    redis.kill();
    assert!(redis.command(&["PING"]).is_err());
    redis.restart();
    assert_eq!(redis.must(&["DBSIZE"]), "0");
}

#[test]
fn a_durable_server_keeps_what_it_had() {
    let redis = RedisOptions::new().durable().start();
    redis.must(&["SET", "a", "1"]);
    redis.restart();
    assert_eq!(redis.must(&["GET", "a"]), "1");
}

#[test]
fn a_stopped_server_answers_when_it_goes_on() {
    let redis = Redis::start();
    let stopped = redis.stop_cont();
    drop(stopped);
    assert_eq!(redis.must(&["PING"]), "PONG");
}

#[test]
fn the_shared_server_is_one() {
    let first = std::thread::spawn(redis_url).join().unwrap();
    assert_eq!(redis_url(), first);
    // The thread that started it has ended, and it has not.
    let port = first.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
}
