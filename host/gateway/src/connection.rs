//! One connection: which protocol it speaks, hyper's limits for it, and its end.

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::{
    rt::Executor,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use mlwasm_sandbox::TaskGroup;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    GatewaySettings,
    activity::{Activity, Order},
    gateway::Gateway,
    pipeline,
};

/// What hyper is told of every connection.
#[derive(Clone, Debug)]
pub(crate) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<Tasks>,
}

/// Where hyper runs the streams of HTTP/2: in the task group, so that shutdown waits for them.
#[derive(Clone, Debug)]
struct Tasks(TaskGroup);

impl<F> Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

impl Protocols {
    pub(crate) fn new(settings: &GatewaySettings, tasks: TaskGroup) -> Self {
        // hyper reads no less, whatever is asked for.
        const LEAST_BUFFER: usize = 8 << 10;
        let most_head = usize::try_from(settings.max_header_bytes).unwrap_or(usize::MAX);
        let mut http1 = http1::Builder::new();
        http1
            // Explicitly none, since the warden keeps the time: hyper's own would set and clear one timer for
            // every request, and count idle time as reading.
            .header_read_timeout(None)
            .timer(TokioTimer::new())
            .half_close(false)
            .max_header_size(most_head)
            .max_buf_size((64 << 10).max(most_head).max(LEAST_BUFFER));
        // hyper's own limit is 100, on the stack; any other costs an allocation a request.
        if settings.max_headers != 100 {
            http1.max_headers(settings.max_headers);
        }
        let mut http2 = http2::Builder::new(Tasks(tasks));
        // hyper's defaults let one connection hold 40 MiB of answers and reset a thousand streams unpunished.
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(100)
            .initial_stream_window_size(256 << 10)
            .initial_connection_window_size(1 << 20)
            .max_send_buf_size(64 << 10)
            .max_header_list_size(settings.max_header_bytes)
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(128)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(10));
        Self { http1, http2 }
    }
}

/// Whether connections are encrypted.
#[derive(Clone)]
pub(crate) enum Encryption {
    /// They are not.
    None,
    /// They are, with what this knows.
    Tls(TlsAcceptor),
}

/// One connection and what its requests share.
#[derive(Debug)]
pub(crate) struct Connection {
    gateway: Arc<Gateway>,
    activity: Arc<Activity>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.activity.closed();
        self.gateway.meters().closed();
    }
}

impl Connection {
    pub(crate) fn new(gateway: Arc<Gateway>, activity: Arc<Activity>) -> Arc<Self> {
        gateway.meters().opened();
        Arc::new(Self { gateway, activity })
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Serves `stream` until it ends.
    pub(crate) async fn serve(self: Arc<Self>, stream: TcpStream, encryption: Encryption) {
        // Only speed is lost without it.
        stream.set_nodelay(true).ok();
        match encryption {
            Encryption::None => {
                if let Some(protocol) = self.detect(&stream).await {
                    let stream = self.counted(stream);
                    self.speak(protocol, stream).await;
                }
            }
            Encryption::Tls(acceptor) => {
                if let Some(stream) = self.handshake(acceptor, stream).await {
                    let protocol = negotiated(&stream);
                    // What TLS keeps of a connection is large, and connections without it shall not carry that room.
                    Box::pin(self.speak(protocol, stream)).await;
                }
            }
        }
    }

    /// Serves requests on `stream` until it ends.
    async fn speak<S>(self: Arc<Self>, protocol: Protocol, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let gateway = Arc::clone(&self.gateway);
        let protocols = gateway.protocols();
        let io = TokioIo::new(stream);
        let connection = Arc::clone(&self);
        // One count per connection goes up and down here, which no other connection touches.
        let service = service_fn(move |request| pipeline::handle(Arc::clone(&connection), request));
        match protocol {
            Protocol::Http1 => {
                self.drive(protocols.http1.serve_connection(io, service))
                    .await;
            }
            Protocol::Http2 => {
                self.activity.multiplexed();
                self.drive(protocols.http2.serve_connection(io, service))
                    .await;
            }
        }
    }

    fn counted(&self, tcp: TcpStream) -> Stream {
        Stream {
            tcp,
            activity: Arc::clone(&self.activity),
        }
    }

    /// Agrees on keys with the client; none if that fails. The warden takes it for a part of the first head, so that it
    /// has the same time.
    async fn handshake(
        &self,
        acceptor: TlsAcceptor,
        stream: TcpStream,
    ) -> Option<TlsStream<Stream>> {
        // Counted below TLS: what passes is what the client really sent and took.
        let accepted = self.unless_ended(acceptor.accept(self.counted(stream)));
        match Box::pin(accepted).await? {
            Ok(stream) => Some(stream),
            Err(error) => {
                tracing::debug!(%error, "TLS handshake failed");
                None
            }
        }
    }

    /// Runs a connection to its end, or to where the warden ends it.
    async fn drive<C>(&self, connection: C)
    where
        C: GracefulConnection<Error = hyper::Error>,
    {
        let mut connection = pin!(connection);
        let mut is_draining = false;
        let end = poll_fn(|cx| {
            match self.activity.order(cx.waker()) {
                Order::None => {}
                Order::Drain if is_draining => {}
                Order::Drain => {
                    is_draining = true;
                    connection.as_mut().graceful_shutdown();
                }
                Order::Close => return Poll::Ready(Ok(())),
            }
            connection.as_mut().poll(cx)
        });
        if let Err(error) = end.await {
            // Clients break off all the time: nothing that an operator could act on.
            tracing::debug!(%error, "connection failed");
        }
    }

    /// Looks at the first bytes and leaves them where they are.
    async fn detect(&self, stream: &TcpStream) -> Option<Protocol> {
        self.unless_ended(first_bytes(stream)).await.flatten()
    }

    /// What comes of `future`; none if the warden ends the connection before.
    async fn unless_ended<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        poll_fn(|cx| match self.activity.order(cx.waker()) {
            Order::None => future.as_mut().poll(cx).map(Some),
            Order::Drain | Order::Close => Poll::Ready(None),
        })
        .await
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// What the client and we agreed on (RFC 7301). A client that says nothing speaks HTTP/1.
fn negotiated(stream: &TlsStream<Stream>) -> Protocol {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        Some(_) | None => Protocol::Http1,
    }
}

/// HTTP/2 begins with `PRI `, which is no method of HTTP/1. None if there is nothing to serve.
async fn first_bytes(stream: &TcpStream) -> Option<Protocol> {
    const PREFACE: &[u8] = b"PRI ";
    let mut seen = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut seen).await.ok()?;
        if count == 0 {
            return None;
        }
        if !PREFACE.starts_with(&seen[..count]) {
            return Some(Protocol::Http1);
        }
        if count == PREFACE.len() {
            return Some(Protocol::Http2);
        }
        // Bytes that are there already do not wake us again. No real client sends so few.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A socket that counts what passes, and closes so that the client can read our last answer.
#[derive(Debug)]
struct Stream {
    tcp: TcpStream,
    activity: Arc<Activity>,
}

impl Stream {
    fn count_write(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(bytes)) => self.activity.wrote(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.activity.write_blocked(),
        }
    }

    /// Reads to the end what the client still sends. Closing a socket with unread input resets the connection,
    /// and a reset makes clients discard an answer that they have not read yet.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut waste = [0; 8 << 10];
        loop {
            let mut buffer = ReadBuf::new(&mut waste);
            ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(cx, buffer);
        self.activity.read(buffer.filled().len() - before);
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.count_write(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, pieces);
        self.count_write(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.tcp).poll_shutdown(cx))?;
        self.activity.closing();
        if self.activity.has_unread_input() {
            return self.poll_linger(cx);
        }
        Poll::Ready(Ok(()))
    }
}
