package io.ktrdr.api.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import java.util.Comparator;
import java.util.List;

/** {@code GET /api/v1/admin/doctor}; 200 whatever it finds. */
public final class DoctorRoutes implements Routes {

  private final Doctor doctor;

  public DoctorRoutes(Doctor doctor) {
    this.doctor = doctor;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/admin/doctor", Access.OPERATOR, this::examine);
  }

  private void examine(Context ctx) {
    List<Check> checks = doctor.examine();
    Check.Status worst =
        checks.stream().map(Check::status).max(Comparator.naturalOrder()).orElse(Check.Status.OK);
    ObjectNode json = Json.mapper().createObjectNode().put("status", worst.wireName());
    ArrayNode array = json.putArray("checks");
    checks.forEach(check -> array.add(check.json()));
    HttpServer.json(ctx, json);
  }
}
