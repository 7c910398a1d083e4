//! Bytes in, bytes out.

use axum::body::{Body as Incoming, HttpBody};
use axum::extract::{ConnectInfo, OriginalUri, Request as AxumRequest};
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header,
};
use axum::response::Response as AxumResponse;
use otp_http::{Api, Body, Headers, Request, Response};
use std::{future::poll_fn, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

pub(crate) async fn answer(
    api: Arc<Api>,
    timeout: Duration,
    incoming: AxumRequest,
) -> AxumResponse {
    let (parts, body) = incoming.into_parts();
    let mut request = Request::new(parts.method.as_str(), path(&parts.uri, &parts.extensions));
    request.query = parts.uri.query().unwrap_or_default().to_owned();
    let limit = api.body_limit(&request.path);
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    request.peer = peer.map(|peer| peer.0.ip());
    request.headers = headers(&parts.headers);
    let read = tokio::time::timeout(timeout, read(body, limit)).await;
    request.body = read.unwrap_or(Body::TimedOut);
    let unread = !matches!(request.body, Body::Complete(_));
    let mut response = reply(api.handle(request).await);
    // What is left of the body would be taken for the next request.
    if unread && parts.version < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// The path below the mount as the client sent it. Of two slashes after the mount `nest` drops one.
fn path<'a>(uri: &'a Uri, extensions: &'a Extensions) -> &'a str {
    let original = extensions.get().map(|OriginalUri(uri)| uri.path());
    let mount = original.and_then(|original| original.strip_suffix(uri.path()));
    match (original, mount.and_then(|mount| mount.strip_suffix('/'))) {
        (Some(original), Some(mount)) => original.get(mount.len()..).unwrap_or(original),
        _ => uri.path(),
    }
}

pub(crate) fn headers(fields: &HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.push(name.as_str(), value.as_bytes());
    }
    headers
}

async fn read(mut body: Incoming, limit: usize) -> Body {
    // What `Content-Length` says, where there is one.
    if body.size_hint().lower() > limit as u64 {
        return Body::TooLarge;
    }
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            return Body::Broken;
        };
        let data = frame.into_data().unwrap_or_default();
        if bytes.len() + data.len() > limit {
            return Body::TooLarge;
        }
        bytes.extend_from_slice(&data);
    }
    Body::Complete(bytes)
}

pub(crate) fn reply(response: Response) -> AxumResponse {
    let mut reply = AxumResponse::new(Incoming::from(response.body));
    *reply.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            reply.headers_mut().append(name, value);
        }
    }
    reply
}
