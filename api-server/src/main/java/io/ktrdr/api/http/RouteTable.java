package io.ktrdr.api.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.ArrayList;
import java.util.List;

/**
 * Where features register their routes: the only way to, and none without saying whom the route
 * serves. Confined to the thread that makes the server.
 */
public final class RouteTable {

  private final RoutesConfig routes;
  private final List<Route> all = new ArrayList<>();

  RouteTable(RoutesConfig routes) {
    this.routes = routes;
  }

  /**
   * One route.
   *
   * @param path with parameters in braces
   */
  public record Route(String method, String path, Access access) {}

  public void get(String path, Access access, Handler handler) {
    add(HandlerType.GET, path, access, handler);
  }

  public void head(String path, Access access, Handler handler) {
    add(HandlerType.HEAD, path, access, handler);
  }

  public void post(String path, Access access, Handler handler) {
    add(HandlerType.POST, path, access, handler);
  }

  public void put(String path, Access access, Handler handler) {
    add(HandlerType.PUT, path, access, handler);
  }

  public void delete(String path, Access access, Handler handler) {
    add(HandlerType.DELETE, path, access, handler);
  }

  /** Done for every request before it is answered, also for those nobody is let in with. */
  public void before(Handler handler) {
    routes.before(handler);
  }

  /** Done for every request after it was answered, whatever the answer. */
  public void after(Handler handler) {
    routes.after(handler);
  }

  /** Every route so far, in the order of their registration. */
  List<Route> all() {
    return List.copyOf(all);
  }

  private void add(HandlerType method, String path, Access access, Handler handler) {
    routes.addHttpHandler(method, path, handler, access);
    all.add(new Route(method.name(), path, access));
  }
}
