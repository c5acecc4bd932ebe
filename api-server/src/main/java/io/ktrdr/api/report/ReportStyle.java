package io.ktrdr.api.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The one stylesheet of all reports, inside each of them. Browsers are told its digest and need to
 * allow no other style.
 */
public final class ReportStyle {

  static final String CSS = read();

  /** For the {@code style-src} of a Content-Security-Policy. */
  public static final String POLICY_SOURCE = "'sha256-%s'".formatted(digest());

  private ReportStyle() {}

  private static String read() {
    try (InputStream css = ReportStyle.class.getResourceAsStream("/report/report.css")) {
      if (css == null) {
        throw new IllegalStateException("report.css is not on the class path");
      }
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(CSS.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
