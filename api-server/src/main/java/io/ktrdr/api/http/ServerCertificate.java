package io.ktrdr.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * What this server proves its name with: a chain of certificates, its own first, and its key. Read
 * once; a renewed one counts from the next start. Immutable.
 */
public final class ServerCertificate {

  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final String ALIAS = "server";

  private final KeyStore store;

  /** Of {@link #store}, which never leaves this process. */
  private final String password;

  private ServerCertificate(KeyStore store, String password) {
    this.store = store;
    this.password = password;
  }

  /**
   * Reads both from PEM files.
   *
   * @param certificate chain, the server's own certificate first
   * @param key PKCS#8, without a passphrase
   * @throws IllegalArgumentException with a sentence for the operator when they cannot be used
   */
  public static ServerCertificate read(Path certificate, Path key) {
    Certificate[] chain = chain(certificate);
    PrivateKey own = key(key);
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String password = Base64.getEncoder().encodeToString(random);
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(ALIAS, own, password.toCharArray(), chain);
      return new ServerCertificate(store, password);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "KTRDR_API_TLS_CERT_FILE and KTRDR_API_TLS_KEY_FILE cannot be used: " + e.getMessage(),
          e);
    }
  }

  /** Listens with TLS. What name a client calls this server by is the client's to check. */
  ServerConnector connector(Server server, HttpConfiguration http) {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStore(store);
    tls.setKeyStorePassword(password);
    HttpConfiguration secure = new HttpConfiguration(http);
    secure.addCustomizer(new SecureRequestCustomizer(false));
    return new ServerConnector(server, tls, new HttpConnectionFactory(secure));
  }

  private static Certificate[] chain(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(in)
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw new IOException("it holds no certificate");
      }
      return chain;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "KTRDR_API_TLS_CERT_FILE is '%s', which is no readable PEM file of certificates (%s)"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static PrivateKey key(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "KTRDR_API_TLS_KEY_FILE is '%s', which cannot be read (%s)".formatted(file, e), e);
    }
    Matcher pem = KEY.matcher(text);
    if (pem.find()) {
      PKCS8EncodedKeySpec spec =
          new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
      for (String algorithm : KEY_ALGORITHMS) {
        Optional<PrivateKey> key = decoded(spec, algorithm);
        if (key.isPresent()) {
          return key.get();
        }
      }
    }
    throw new IllegalArgumentException(
        ("KTRDR_API_TLS_KEY_FILE is '%s', which holds no PKCS#8 key without a passphrase; make one:"
                + " openssl pkcs8 -topk8 -nocrypt -in old.key -out new.key")
            .formatted(file));
  }

  /** Empty when it is a key of another algorithm. */
  private static Optional<PrivateKey> decoded(PKCS8EncodedKeySpec spec, String algorithm) {
    try {
      return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
    } catch (InvalidKeySpecException another) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no " + algorithm, e);
    }
  }
}
