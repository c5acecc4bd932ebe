package io.ktrdr.api.http;

import io.javalin.config.RoutesConfig;

/** The HTTP side of a feature. */
public interface Routes {

  void register(RoutesConfig routes);
}
