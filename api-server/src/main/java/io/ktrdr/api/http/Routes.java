package io.ktrdr.api.http;

/** The HTTP side of a feature. */
public interface Routes {

  void register(RouteTable routes);
}
