//! Postgres and MariaDB start, and start again on the same port.

use otp_testkit::{MariaDb, Postgres};
use std::net::TcpStream;

#[test]
fn postgres_survives_a_kill() {
    let postgres = Postgres::start();
    postgres.kill();
    assert!(TcpStream::connect(("127.0.0.1", postgres.port())).is_err());
    postgres.restart();
    postgres.restart_fast();
    assert!(TcpStream::connect(("127.0.0.1", postgres.port())).is_ok());
}

#[test]
fn mariadb_survives_a_kill() {
    let mariadb = MariaDb::start();
    mariadb.kill();
    assert!(TcpStream::connect(("127.0.0.1", mariadb.port())).is_err());
    mariadb.restart();
    assert!(TcpStream::connect(("127.0.0.1", mariadb.port())).is_ok());
}
