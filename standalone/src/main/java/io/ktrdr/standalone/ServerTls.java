package io.ktrdr.standalone;

import java.nio.file.Path;

/**
 * What a server proves its name with.
 *
 * @param certificate PEM file, its own certificate first
 * @param key PEM file, readable to its owner only
 * @param authority PEM file of who signed the certificate
 */
public record ServerTls(Path certificate, Path key, Path authority) {}
