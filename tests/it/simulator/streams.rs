//! RTP: real packets, real sockets, and none when nothing is open.

use std::net::{SocketAddrV4, UdpSocket};

use super::*;

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 20, 7, 1);

/// A packet of 20 ms of G.711.
fn packet(sequence: u16, ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend((u32::from(sequence) * 160).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0xD5; 160]);
    packet
}

fn sender() -> UdpSocket {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
    socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST).unwrap();
    socket.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    socket.into()
}

fn is_free(address: Ipv4Addr, port: u16) -> bool {
    UdpSocket::bind((address, port)).is_ok()
}

/// The port that a phone chose.
fn chosen(answer: &str) -> u16 {
    let data = answer.split("Data=\"").nth(1).and_then(|rest| rest.split('"').next());
    data.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_phone_listens_counts_and_stops() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    assert_eq!(phone.rtp_received().streams_opened, 0);
    let port = chosen(&bench.execute(&phone, &["RTPRx:127.0.0.1"]).await.text());
    assert!(port.is_multiple_of(2) && (20_480..=32_768).contains(&port), "{port}");
    assert!(!is_free(phone.address(), port));
    let sender = sender();
    for sequence in [7, 8, 11] {
        sender.send_to(&packet(sequence, 99), (phone.address(), port)).unwrap();
    }
    let seen = phone.wait_for_rtp(|seen| seen.packets == 3).await;
    assert_eq!((seen.bytes, seen.gaps, seen.streams_open), (480, 2, 1));
    assert_eq!((seen.payload_type, seen.ssrc), (Some(0), Some(99)));
    assert_eq!(seen.sound, [0xD5; 480]);
    let second = bench.execute(&phone, &["RTPRx:127.0.0.1:30000:50"]).await.text();
    assert_eq!(second, "<CiscoIPPhoneError Number=\"1\" />");
    let group = bench
        .execute(&phone, &[&format!("RTPMRx:{GROUP}:30000:50")])
        .await
        .text();
    assert_eq!(group, "<CiscoIPPhoneError Number=\"1\" />", "the same direction");
    let other = bench.execute(&phone, &["RTPMRx:Stop"]).await.text();
    assert!(
        other.contains("Status=\"0\"") && !is_free(phone.address(), port),
        "{other}"
    );
    bench.execute(&phone, &["RTPRx:Stop"]).await;
    assert!(is_free(phone.address(), port), "nothing listens any more");
    assert_eq!(phone.rtp_received().streams_open, 0);
    let again = bench
        .execute(&phone, &[&format!("RTPRx:127.0.0.1:{port}:80")])
        .await
        .text();
    assert!(again.contains("Data=\"Success\""), "{again}");
    let seen = phone.rtp_received();
    assert_eq!((seen.streams_opened, seen.packets, seen.volume), (2, 3, Some(80)));
    phone.restart();
    phone.wait_for_rtp(|seen| seen.streams_open == 0).await;
    bench.end().await;
}

#[tokio::test]
async fn every_member_of_a_group_hears_it() {
    let bench = Bench::small();
    let phones = ["8845", "7965", "7841"].map(|model| bench.phone(model));
    // The first chooses a port that is free.
    let port = chosen(&bench.execute(&phones[0], &[&format!("RTPMRx:{GROUP}")]).await.text());
    for phone in &phones[1..] {
        let answer = bench
            .execute(phone, &[&format!("RTPMRx:{GROUP}:{port}:40")])
            .await
            .text();
        assert!(answer.contains("Status=\"0\""), "{answer}");
    }
    let sender = sender();
    for sequence in 0..5 {
        sender.send_to(&packet(sequence, 5), (GROUP, port)).unwrap();
    }
    for phone in &phones {
        let seen = phone.wait_for_rtp(|seen| seen.packets == 5).await;
        assert_eq!((seen.bytes, seen.gaps), (800, 0));
        assert_eq!(seen.listened_at, Some(SocketAddrV4::new(GROUP, port)));
    }
    for phone in &phones {
        bench.execute(phone, &["RTPMRx:Stop"]).await;
        assert_eq!(phone.rtp_received().streams_open, 0);
    }
    assert!(is_free(GROUP, port));
    bench.end().await;
}

#[tokio::test]
async fn what_is_no_stream_is_refused() {
    let bench = Bench::small();
    let (phone, other) = (bench.phone("8845"), bench.phone("8851"));
    for wrong in [
        "RTPRx:127.0.0.1:20481:50",
        "RTPRx:127.0.0.1:20000:50",
        "RTPRx:127.0.0.1:32770:50",
        "RTPRx:127.0.0.1:20480:101",
        "RTPRx:nobody",
        "RTPRx:239.1.1.1:20480:50",
        "RTPMRx:127.0.0.1:20480:50",
    ] {
        let answer = bench.execute(&phone, &[wrong]).await.text();
        assert!(
            answer.contains("Status=\"1\" Data=\"Invalid URI\""),
            "{wrong}: {answer}"
        );
    }
    assert_eq!(phone.rtp_received().streams_opened, 0);
    phone.call(&other);
    let sending = bench.execute(&phone, &["RTPTx:127.0.0.1:20480"]).await.text();
    assert_eq!(sending, "<CiscoIPPhoneError Number=\"4\" />", "not in a call");
    bench.execute(&phone, &["Key:Release"]).await;
    let sending = bench.execute(&phone, &["RTPTx:127.0.0.1:20480"]).await.text();
    assert!(sending.contains("Status=\"0\""), "{sending}");
    let twice = bench.execute(&phone, &["RTPTx:127.0.0.1:20480"]).await.text();
    assert_eq!(twice, "<CiscoIPPhoneError Number=\"1\" />");
    bench.end().await;
}
