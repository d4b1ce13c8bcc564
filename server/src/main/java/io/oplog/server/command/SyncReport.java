package io.oplog.server.command;

import io.oplog.client.sync.Report;
import io.oplog.client.sync.Report.Counts;
import io.oplog.protocol.Rfc3339;
import java.io.StringWriter;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What a sync did, for people and for machines. */
record SyncReport(Report report, boolean isDryRun) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** A table of the types in which something differs, and of all. */
  String text() {
    Counts total = report.total();
    boolean refused = total.refused() > 0;
    StringBuilder text = new StringBuilder(heading(refused));
    report
        .types()
        .forEach((type, counts) -> {
          if (differs(counts)) {
            text.append(row(TerminalText.plain(type), counts, refused));
          }
        });
    return text.append(row("all", total, refused))
        .append(same())
        .append(repeated())
        .append("the dump is taken to be of ")
        .append(Rfc3339.format(report.age()))
        .toString();
  }

  private static boolean differs(Counts counts) {
    return !counts.equals(new Counts(0, 0, 0, 0, counts.same(), 0));
  }

  private String same() {
    long types = report.types().values().stream().filter(counts -> !differs(counts)).count();
    String other = types < report.types().size() ? "other " : "";
    if (types == 0) {
      return "";
    }
    return number(types) + " " + other + (types == 1 ? "type is" : "types are") + " the same\n";
  }

  private String repeated() {
    return report.repeated() == 0
        ? ""
        : number(report.repeated()) + " operations of others sent again\n";
  }

  private String heading(boolean refused) {
    return line(
        refused,
        "type",
        isDryRun ? "to insert" : "inserted",
        isDryRun ? "to update" : "updated",
        isDryRun ? "to delete" : "deleted",
        "left alone",
        "same",
        "refused");
  }

  private static String row(String name, Counts counts, boolean refused) {
    return line(
        refused,
        name,
        number(counts.inserted()),
        number(counts.updated()),
        number(counts.deleted()),
        number(counts.leftAlone()),
        number(counts.same()),
        number(counts.refused()));
  }

  /** The last column is there only where it says something. */
  private static String line(boolean refused, String name, String... columns) {
    int shown = refused ? columns.length : columns.length - 1;
    StringBuilder line = new StringBuilder(String.format("%-20s", name));
    for (int i = 0; i < shown; i++) {
      line.append(String.format(" %12s", columns[i]));
    }
    return line.append('\n').toString();
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** One line of JSON. */
  String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeBooleanProperty("dry_run", isDryRun);
      json.writeStringProperty("dump_age", Rfc3339.format(report.age()));
      json.writeStringProperty("position", report.position().toString());
      json.writeNumberProperty("repeated", report.repeated());
      json.writeName("total");
      write(json, report.total());
      json.writeName("types");
      json.writeStartObject();
      report.types().forEach((type, counts) -> write(json, type, counts));
      json.writeEndObject();
      json.writeEndObject();
    }
    return TerminalText.json(text.toString());
  }

  private static void write(JsonGenerator json, String name, Counts counts) {
    json.writeName(name);
    write(json, counts);
  }

  private static void write(JsonGenerator json, Counts counts) {
    json.writeStartObject();
    json.writeNumberProperty("inserted", counts.inserted());
    json.writeNumberProperty("updated", counts.updated());
    json.writeNumberProperty("deleted", counts.deleted());
    json.writeNumberProperty("left_alone", counts.leftAlone());
    json.writeNumberProperty("same", counts.same());
    json.writeNumberProperty("refused", counts.refused());
    json.writeEndObject();
  }
}
