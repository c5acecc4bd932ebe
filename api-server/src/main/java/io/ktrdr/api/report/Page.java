package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/**
 * An HTML page in the making. Whatever is put in as text is escaped, and cut where it is too long.
 * Confined to one thread.
 */
final class Page {

  /** Longest text of a user's that is shown whole. */
  static final int TEXT_MAX = 2_000;

  /** Most lines of one list of names and values. */
  static final int DEFINITIONS_MAX = 200;

  private final StringBuilder html = new StringBuilder(256 * 1024);
  private int definitions;

  Page(String title) {
    html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
        .append(text(title))
        .append("</title><style>")
        .append(ReportStyle.CSS)
        .append("</style></head><body><h1>")
        .append(text(title))
        .append("</h1>");
  }

  String finished() {
    return html.append("</body></html>\n").toString();
  }

  void heading(String title) {
    heading(title, "");
  }

  void heading(String title, String hint) {
    html.append("<h2>").append(text(title));
    if (!hint.isEmpty()) {
      html.append("<span class=\"soft\"> · ").append(text(hint)).append("</span>");
    }
    html.append("</h2>");
  }

  void note(String text) {
    html.append("<p class=\"soft\">").append(text(text)).append("</p>");
  }

  void warning(String text) {
    html.append("<p class=\"warning\">").append(text(text)).append("</p>");
  }

  /** Which line is which: pairs of a style and a name. */
  void legend(String... stylesAndNames) {
    html.append("<p class=\"legend soft\">");
    for (int i = 0; i < stylesAndNames.length; i += 2) {
      html.append("<span class=\"key ")
          .append(stylesAndNames[i])
          .append("\">")
          .append(text(stylesAndNames[i + 1]))
          .append("</span> ");
    }
    html.append("</p>");
  }

  void openFigures() {
    html.append("<div class=\"figures\">");
  }

  void figure(String name, String value) {
    html.append("<div class=\"figure\"><span class=\"soft\">")
        .append(text(name))
        .append("</span><b>")
        .append(text(value))
        .append("</b></div>");
  }

  /** Small charts beside each other. */
  void openPanels() {
    html.append("<div class=\"panels\">");
  }

  void panel(String svg, String caption) {
    html.append("<figure>").append(svg).append("<figcaption>").append(text(caption));
    html.append("</figcaption></figure>");
  }

  void close() {
    html.append("</div>");
  }

  /** A chart; on a narrow screen it scrolls, and the page does not. */
  void wide(String svg) {
    html.append("<div class=\"scroll\">").append(svg).append("</div>");
  }

  void openTable(String... headings) {
    html.append("<div class=\"scroll\"><table><thead><tr>");
    for (String heading : headings) {
      html.append("<th scope=\"col\">").append(text(heading)).append("</th>");
    }
    html.append("</tr></thead><tbody>");
  }

  void row(String head, String... cells) {
    openRow(head);
    for (String cell : cells) {
      cell("", cell);
    }
    closeRow();
  }

  void openRow(String head) {
    html.append("<tr><th scope=\"row\">").append(text(head)).append("</th>");
  }

  void cell(String css, String text) {
    html.append(css.isEmpty() ? "<td>" : "<td class=\"" + css + "\">").append(text(text));
    html.append("</td>");
  }

  void closeRow() {
    html.append("</tr>");
  }

  void closeTable() {
    html.append("</tbody></table></div>");
  }

  void openDefinitions() {
    html.append("<dl>");
    definitions = 0;
  }

  void definition(String name, String value) {
    definitions++;
    if (definitions <= DEFINITIONS_MAX) {
      html.append("<dt>").append(text(name)).append("</dt><dd>").append(text(value));
      html.append("</dd>");
    }
  }

  void closeDefinitions() {
    html.append("</dl>");
    if (definitions > DEFINITIONS_MAX) {
      note("%d more are in the operation's JSON.".formatted(definitions - DEFINITIONS_MAX));
    }
  }

  /** Every plain value of a tree under its path; of arrays the length. */
  void definitions(String prefix, JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      JsonNode value = field.getValue();
      String name = prefix + field.getKey();
      if (value.isObject()) {
        definitions(name + ".", value);
      } else if (value.isArray()) {
        definition(name, value.size() + " entries");
      } else if (value.isFloatingPointNumber()) {
        definition(name, String.format(Locale.ROOT, "%.6g", value.doubleValue()));
      } else {
        definition(name, value.isNull() ? "–" : value.asText());
      }
    }
  }

  private static String text(String text) {
    return Html.escape(
        text.length() <= TEXT_MAX
            ? text
            : text.substring(0, TEXT_MAX) + "… (%d characters)".formatted(text.length()));
  }
}
