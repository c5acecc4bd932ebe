package io.ktrdr.api;

import io.ktrdr.protocol.settings.Settings;
import io.ktrdr.protocol.telemetry.LogOutput;
import io.ktrdr.protocol.telemetry.Telemetry;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API process. */
public final class ApiMain {

  private static final Logger LOG = LoggerFactory.getLogger(ApiMain.class);

  /** What traces and log lines call this process, unless told otherwise. */
  private static final String TELEMETRY_NAME = "ktrdr-api";

  private ApiMain() {}

  /**
   * Runs until the process is told to stop. A wrong setting is one line and exit code 1.
   *
   * @param args {@code --print-config} prints what was set, and from where, and ends
   */
  public static void main(String[] args) {
    try {
      boolean printing = Settings.asksForTable(args);
      Settings settings = new Settings(System.getenv());
      LogOutput.apply(settings, Map.of("service", TELEMETRY_NAME));
      boolean _ = settings.telemetry();
      ApiConfig config = ApiConfig.of(settings);
      if (printing) {
        System.out.print(settings.table());
        return;
      }
      settings.warnings().forEach(LOG::warn);
      config.access().warning().ifPresent(LOG::warn);
      ApiServer server = new ApiServer(config, version(), Telemetry.of(settings, TELEMETRY_NAME));
      CountDownLatch stopped = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("stop")
                  .unstarted(() -> {
                    LOG.info("Backend stops");
                    server.close();
                    LOG.info("Backend stopped");
                    stopped.countDown();
                  }));
      server.start();
      LOG.info(
          "✅ Backend started on port {}{}",
          config.port(),
          config.certificate().isPresent() ? " (https)" : "");
      stopped.await();
    } catch (IllegalArgumentException e) {
      LOG.error("{}", e.getMessage());
      System.exit(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("Backend cannot start: {}", e.getMessage(), e);
      System.exit(1);
    }
  }

  private static String version() {
    String version = ApiMain.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
