// SPDX-License-Identifier: MIT

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Java beside C++, in one run: each case in new processes (forks), C++ and Java in turn, so that
 * their ratio holds on a busy machine too. Prints medians over the forks, half the distance of the
 * quartiles as the error, the median of the ratios to the C++ run of the same round, the bytes that
 * the Java side allocates for an operation, and whether the bars are met.
 *
 * <p>Arguments: [--forks=NUMBER] [--scale=FACTOR of the number of operations] [--filter=TEXT in a
 * case's name]
 */
public final class Benchmark {
  private static final String CPP = "C++";
  private static final String JAVA = "Java";
  private static final String[][] ALL_PAIRS = {{CPP, CPP}, {JAVA, JAVA}, {CPP, JAVA}, {JAVA, CPP}};

  private final int forks;
  private final double scale;
  private final String filter;
  private Path directory;

  /**
   * What a case should come to: says what the bar is and whether it is met; "" if there is none.
   */
  @FunctionalInterface
  private interface Bar {
    /**
     * Judges medians over the rounds.
     *
     * @param ratio of C++'s time to this
     * @param more nanoseconds than C++
     * @param bytes that an operation allocates
     */
    String judge(double ratio, double more, double bytes);
  }

  private static String verdict(String bar, boolean met) {
    return bar + (met ? ": met" : ": MISSED");
  }

  private static Bar none() {
    return (ratio, more, bytes) -> "";
  }

  private static Bar ratio(double least) {
    return (ratio, more, bytes) -> verdict("at least " + least, ratio >= least);
  }

  /** What is left of a fork's own allocations is below a byte an operation. */
  private static Bar ratioWithoutGarbage(double least) {
    return (ratio, more, bytes) ->
        verdict("at least " + least + ", 0 B", ratio >= least && bytes < 1);
  }

  private static Bar slowerAtMost(double nanosMore) {
    return (ratio, more, bytes) ->
        verdict(
            String.format("at most %.0f µs more, it is %.1f", nanosMore / 1e3, more / 1e3),
            more <= nanosMore);
  }

  private Benchmark(int forks, double scale, String filter) {
    this.forks = forks;
    this.scale = scale;
    this.filter = filter;
  }

  public static void main(String[] args) throws Exception {
    int forks = 5;
    double scale = 1;
    String filter = "";
    for (String arg : args) {
      if (arg.startsWith("--forks=")) {
        forks = Integer.parseInt(arg.substring("--forks=".length()));
      } else if (arg.startsWith("--scale=")) {
        scale = Double.parseDouble(arg.substring("--scale=".length()));
      } else if (arg.startsWith("--filter=")) {
        filter = arg.substring("--filter=".length());
      } else {
        System.err.println("unknown argument: " + arg);
        System.exit(2);
      }
    }
    new Benchmark(forks, scale, filter).run();
  }

  private void run() throws Exception {
    Path shared = Path.of("/dev/shm");
    directory =
        Files.isWritable(shared)
            ? Files.createTempDirectory(shared, "interprocess-benchmark-")
            : Files.createTempDirectory("interprocess-benchmark-");
    try {
      System.out.printf(
          "JDK %s, %d processors, %d forks%n",
          Runtime.version(), Runtime.getRuntime().availableProcessors(), forks);
      System.out.printf(
          "%-42s %10s %9s %8s %7s  %s%n",
          "case", "median ns", "error ±", "C++ / it", "B/op", "bar, of C++ / it");
      alone("enqueue, 64 B", "enqueue", "enqueue", none());
      // 80 ns where C++ takes 25 to 30.
      alone("enqueue + dequeue to a buffer, 64 B", "pair", "pair", ratioWithoutGarbage(0.34));
      alone("the same without a caller's buffer", "pair_new", "pair_new", none());
      alone("the same with direct buffers", "pair", "pair_direct", none());
      both("1:1, 64 B", "publish", "subscribe", 10_000_000, ALL_PAIRS, ratio(0.4));
      both(
          "1:1, 64 KiB in place",
          "publish_in_place",
          "subscribe_in_place",
          200_000,
          ALL_PAIRS,
          ratio(0.8));
      both(
          "wake-up of a sleeper",
          "tick",
          "wake",
          2000,
          new String[][] {{CPP, CPP}, {CPP, JAVA}},
          slowerAtMost(20_000));
    } finally {
      Files.deleteIfExists(directory.resolve("benchmark.ipq"));
      Files.deleteIfExists(directory.resolve("warm-up.ipq"));
      Files.deleteIfExists(directory);
    }
  }

  private void alone(String name, String cpp, String java, Bar bar) throws Exception {
    if (!name.contains(filter)) {
      return;
    }
    long count = Math.max(1, scaled(2_000_000) / 10_000) * 10_000; // the sides do 10,000 at a time
    List<double[]> cppRuns = new ArrayList<>();
    List<double[]> javaRuns = new ArrayList<>();
    for (int fork = 0; fork < forks; ++fork) {
      cppRuns.add(end(start(CPP, cpp, count)));
      javaRuns.add(end(start(JAVA, java, count)));
    }
    print(name + ": " + CPP, cppRuns, cppRuns, none());
    print(name + ": " + JAVA, javaRuns, cppRuns, bar);
  }

  /** The first pair is C++'s; the bar is for the second. */
  private void both(
      String name, String publish, String subscribe, long operations, String[][] pairs, Bar bar)
      throws Exception {
    if (!name.contains(filter)) {
      return;
    }
    long count = scaled(operations);
    List<List<double[]>> runs = new ArrayList<>();
    for (String[] ignored : pairs) {
      runs.add(new ArrayList<>());
    }
    for (int fork = 0; fork < forks; ++fork) {
      for (int pair = 0; pair < pairs.length; ++pair) {
        Process to = start(pairs[pair][1], subscribe, count);
        Process from = start(pairs[pair][0], publish, count);
        runs.get(pair).add(end(to));
        if (from.waitFor() != 0) {
          throw new IOException(publish + " failed");
        }
      }
    }
    for (int pair = 0; pair < pairs.length; ++pair) {
      print(
          name + ": " + pairs[pair][0] + " to " + pairs[pair][1],
          runs.get(pair),
          runs.get(0),
          pair == 1 ? bar : none());
    }
  }

  private long scaled(long count) {
    return Math.max(1000, Math.round(count * scale));
  }

  private Process start(String language, String role, long count) throws IOException {
    List<String> command = new ArrayList<>();
    if (language.equals(CPP)) {
      command.add(System.getProperty("benchmark.side"));
    } else {
      command.addAll(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "Side"));
    }
    command.addAll(List.of(role, directory.toString(), Long.toString(count)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Nanoseconds and bytes of an operation. */
  private static double[] end(Process process) throws Exception {
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    if (process.waitFor() != 0) {
      throw new IOException("a side failed: " + output);
    }
    return Arrays.stream(output.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static double quantile(DoubleStream runs, double quantile) {
    double[] values = runs.sorted().toArray();
    return values[(int) Math.round(quantile * (values.length - 1))];
  }

  /** Of the nanoseconds of both in each round. */
  private static double median(
      List<double[]> cpp, List<double[]> runs, DoubleBinaryOperator compare) {
    return quantile(
        IntStream.range(0, runs.size())
            .mapToDouble(i -> compare.applyAsDouble(cpp.get(i)[0], runs.get(i)[0])),
        0.5);
  }

  private static void print(String name, List<double[]> runs, List<double[]> cpp, Bar bar) {
    DoubleUnaryOperator nanos = q -> quantile(runs.stream().mapToDouble(run -> run[0]), q);
    double bytes = quantile(runs.stream().mapToDouble(run -> run[1]), 0.5);
    double ratio = median(cpp, runs, (c, it) -> c / it);
    double more = median(cpp, runs, (c, it) -> it - c);
    System.out.printf(
        "%-42s %10.1f %9.1f %8.2f %7.1f  %s%n",
        name,
        nanos.applyAsDouble(0.5),
        (nanos.applyAsDouble(0.75) - nanos.applyAsDouble(0.25)) / 2,
        ratio,
        bytes,
        bar.judge(ratio, more, bytes));
  }
}
