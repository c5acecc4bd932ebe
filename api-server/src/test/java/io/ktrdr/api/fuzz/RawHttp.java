package io.ktrdr.api.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** HTTP/1.1 to the byte, for requests that no client library would send. */
public final class RawHttp {

  /** An answer that has not come by then does not come. */
  public static final Duration ANSWER_MAX = Duration.ofSeconds(20);

  /** More is not read of one answer. */
  private static final int BODY_MAX = 8 * 1024 * 1024;

  private final InetSocketAddress server;

  public RawHttp(int port) {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * What came back.
   *
   * @param headers names in lower case
   */
  public record Answer(
      int status,
      Map<String, String> headers,
      @SuppressWarnings("ArrayRecordComponent") byte[] body) {

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * Sends the bytes, says that no more will come, and reads one answer.
   *
   * @param bodiless the answer to this request has no body, whatever its headers say
   * @throws IOException also when there is no answer within {@link #ANSWER_MAX}
   */
  public Answer send(byte[] request, boolean bodiless) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(server, (int) ANSWER_MAX.toMillis());
      socket.setSoTimeout((int) ANSWER_MAX.toMillis());
      InputStream in = socket.getInputStream();
      try {
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
      } catch (IOException e) {
        // Refused before it was read to its end; the answer may be there all the same.
        return read(in, bodiless);
      }
      return read(in, bodiless);
    }
  }

  private static Answer read(InputStream in, boolean bodiless) throws IOException {
    String first = line(in);
    String[] parts = first.split(" ", 3);
    if (!parts[0].startsWith("HTTP/1.") || parts.length < 2) {
      throw new IOException("no answer of HTTP: " + first);
    }
    int status = Integer.parseInt(parts[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    if (status == 100) {
      return read(in, bodiless);
    }
    if (bodiless || status == 204 || status == 304) {
      return new Answer(status, headers, new byte[0]);
    }
    if (headers.getOrDefault("content-type", "").startsWith("text/event-stream")) {
      // It may go on for ever; that it began is enough.
      return new Answer(status, headers, in.readNBytes(1));
    }
    String length = headers.get("content-length");
    if (length != null) {
      return new Answer(status, headers, in.readNBytes(Integer.parseInt(length)));
    }
    boolean chunked = headers.getOrDefault("transfer-encoding", "").contains("chunked");
    return new Answer(status, headers, chunked ? chunks(in) : in.readNBytes(BODY_MAX));
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in).strip(), 16);
      if (size == 0) {
        return all.toByteArray();
      }
      all.write(in.readNBytes(size));
      line(in);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("closed without an answer, after '" + line + "'");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
