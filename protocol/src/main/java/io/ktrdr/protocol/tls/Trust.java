package io.ktrdr.protocol.tls;

import io.ktrdr.protocol.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * Whose certificates this process believes: those the JVM believes, or those signed by the
 * authorities of one PEM file and nobody else's. One for broker, API and database. Immutable.
 */
public final class Trust {

  /** Names the PEM file. */
  public static final String SETTING = "KTRDR_CA_FILE";

  private final Optional<Path> file;
  private final SSLContext context;

  private Trust(Optional<Path> file, SSLContext context) {
    this.file = file;
    this.context = context;
  }

  /** What {@value #SETTING} says; without it, what the JVM believes. */
  public static Trust of(Settings settings) {
    return settings.text(SETTING).map(Path::of).map(Trust::ofFile).orElseGet(Trust::ofJvm);
  }

  /** What the JVM believes: the well-known authorities, or its own settings. */
  public static Trust ofJvm() {
    try {
      return new Trust(Optional.empty(), SSLContext.getDefault());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no TLS", e);
    }
  }

  /**
   * Only certificates signed by an authority of this file.
   *
   * @param pem one certificate or several
   * @throws IllegalArgumentException with a sentence for the operator when it cannot be read
   */
  public static Trust ofFile(Path pem) {
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> authorities =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (authorities.isEmpty()) {
        throw new CertificateException("it holds no certificate");
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate authority : authorities) {
        store.setCertificateEntry("authority-" + number++, authority);
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return new Trust(Optional.of(pem), context);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "%s is '%s', which is no readable PEM file of certificates (%s)"
              .formatted(SETTING, pem, e.getMessage()),
          e);
    }
  }

  /** For clients. Checks who signed; whether the host name is right is the client's to check. */
  public SSLContext sslContext() {
    return context;
  }

  /** Empty when it is the JVM's. */
  public Optional<Path> file() {
    return file;
  }

  /**
   * What is wrong with the other side's certificate, and what to do; empty when something else went
   * wrong.
   */
  public static Optional<String> complaint(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String said = String.valueOf(cause.getMessage());
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertificateNotYetValidException) {
        return Optional.of(
            "the server's certificate is not valid now (%s): renew it, or look at the clocks"
                .formatted(said));
      }
      if (cause instanceof CertificateException && said.startsWith("No ")) {
        return Optional.of(
            ("the server's certificate is for another host (%s): use a name it is for, or make it"
                    + " for this one")
                .formatted(said));
      }
      if (said.contains("PKIX path")) {
        return Optional.of(
            ("the server's certificate is signed by an authority that is not trusted here: set %s"
                    + " to the authority's certificate")
                .formatted(SETTING));
      }
      if (cause instanceof SSLException && said.startsWith("Unsupported or unrecognized")) {
        return Optional.of("the server does not speak TLS on that port: use its TLS port");
      }
    }
    return Optional.empty();
  }
}
