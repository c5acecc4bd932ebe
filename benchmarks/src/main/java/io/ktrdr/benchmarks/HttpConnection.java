package io.ktrdr.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;

/**
 * One keep-alive connection that sends a request and reads the answer. Much cheaper than a general
 * HTTP client: the load generator shares its two cores with what it measures. Confined to one
 * thread.
 */
final class HttpConnection implements AutoCloseable {

  private static final int TIMEOUT_MS = 15_000;
  private static final int LINE_MAX = 8_192;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;
  private final String host;
  private final byte[] line = new byte[LINE_MAX];

  HttpConnection(int port) throws IOException {
    host = "127.0.0.1:" + port;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MS);
    in = new BufferedInputStream(socket.getInputStream(), LINE_MAX);
    out = socket.getOutputStream();
  }

  /** An answer. */
  record Answer(int status, String body) {}

  /** The bytes of a request, to be sent as often as wanted. */
  byte[] post(String path, String json) {
    byte[] body = json.getBytes(UTF_8);
    return "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, host, body.length, json)
        .getBytes(UTF_8);
  }

  byte[] get(String path) {
    return "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(path, host).getBytes(UTF_8);
  }

  Answer send(byte[] request) throws IOException {
    out.write(request);
    out.flush();
    String status = line();
    int length = 0;
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).strip());
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = true;
      }
    }
    String body = chunked ? chunks() : new String(exactly(length), UTF_8);
    return new Answer(Integer.parseInt(status.substring(9, 12)), body);
  }

  private String chunks() throws IOException {
    StringBuilder body = new StringBuilder();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      body.append(new String(exactly(size), UTF_8));
      line();
    }
    line();
    return body.toString();
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line().strip(), 16);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the API closed the connection");
    }
    return bytes;
  }

  private String line() throws IOException {
    int length = 0;
    while (length < LINE_MAX) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the API closed the connection");
      }
      if (b == '\n') {
        return new String(line, 0, Math.max(0, length - 1), ISO_8859_1);
      }
      line[length++] = (byte) b;
    }
    throw new IOException("a header longer than %d bytes".formatted(LINE_MAX));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
