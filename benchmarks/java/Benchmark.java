import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Java beside C++, in one run: each case in new processes (forks), C++ and Java in turn, so that
 * their ratio holds on a busy machine too. Prints medians over the forks, half the distance of the
 * quartiles as the error, and the bytes that the Java side allocates for an operation.
 *
 * <p>Arguments: [--forks=NUMBER] [--scale=FACTOR of the number of operations]
 */
public final class Benchmark {
  private static final String CPP = "C++";
  private static final String JAVA = "Java";

  private final int forks;
  private final double scale;
  private Path directory;

  private Benchmark(int forks, double scale) {
    this.forks = forks;
    this.scale = scale;
  }

  public static void main(String[] args) throws Exception {
    int forks = 5;
    double scale = 1;
    for (String arg : args) {
      if (arg.startsWith("--forks=")) {
        forks = Integer.parseInt(arg.substring("--forks=".length()));
      } else if (arg.startsWith("--scale=")) {
        scale = Double.parseDouble(arg.substring("--scale=".length()));
      } else {
        System.err.println("unknown argument: " + arg);
        System.exit(2);
      }
    }
    new Benchmark(forks, scale).run();
  }

  private void run() throws Exception {
    Path shared = Path.of("/dev/shm");
    directory = Files.isWritable(shared)
        ? Files.createTempDirectory(shared, "interprocess-benchmark-")
        : Files.createTempDirectory("interprocess-benchmark-");
    try {
      System.out.printf(
          "JDK %s, %d processors, %d forks%n",
          Runtime.version(), Runtime.getRuntime().availableProcessors(), forks);
      System.out.printf(
          "%-44s %12s %10s %8s %10s%n", "case", "median ns", "error ±", "C++ / it", "B/op");
      alone("enqueue, 64 B", "enqueue", "enqueue");
      alone("enqueue + dequeue to a buffer, 64 B", "pair", "pair");
      alone("the same without a caller's buffer", "pair_new", "pair_new");
      alone("the same with direct buffers", "pair", "pair_direct");
      oneToOne("1:1, 64 B", "publish", "subscribe", 5_000_000);
      oneToOne("1:1, 64 KiB in place", "publish_in_place", "subscribe_in_place", 100_000);
      wake();
    } finally {
      Files.deleteIfExists(directory.resolve("benchmark.ipq"));
      Files.deleteIfExists(directory);
    }
  }

  private void alone(String name, String cpp, String java) throws Exception {
    long count = scaled(2_000_000);
    List<double[]> cppRuns = new ArrayList<>();
    List<double[]> javaRuns = new ArrayList<>();
    for (int fork = 0; fork < forks; ++fork) {
      cppRuns.add(end(start(CPP, cpp, count)));
      javaRuns.add(end(start(JAVA, java, count)));
    }
    print(name + ": " + CPP, cppRuns, cppRuns);
    print(name + ": " + JAVA, javaRuns, cppRuns);
  }

  private void oneToOne(String name, String publish, String subscribe, long operations)
      throws Exception {
    String[][] pairs = {{CPP, CPP}, {JAVA, JAVA}, {CPP, JAVA}, {JAVA, CPP}};
    both(name, publish, subscribe, scaled(operations), pairs);
  }

  private void wake() throws Exception {
    both("wake-up", "tick", "wake", scaled(1000), new String[][] {{CPP, CPP}, {CPP, JAVA}});
  }

  private void both(
      String name, String publish, String subscribe, long count, String[][] pairs)
      throws Exception {
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
      print(name + ": " + pairs[pair][0] + " to " + pairs[pair][1], runs.get(pair), runs.get(0));
    }
  }

  private long scaled(long count) {
    return Math.max(1000, (long) (count * scale) / 10_000 * 10_000);
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

  private static double quantile(List<double[]> runs, int column, double quantile) {
    double[] values = runs.stream().mapToDouble(run -> run[column]).sorted().toArray();
    return values[(int) Math.round(quantile * (values.length - 1))];
  }

  private static void print(String name, List<double[]> runs, List<double[]> cpp) {
    double median = quantile(runs, 0, 0.5);
    System.out.printf(
        "%-44s %12.1f %10.1f %8.2f %10.1f%n",
        name,
        median,
        (quantile(runs, 0, 0.75) - quantile(runs, 0, 0.25)) / 2,
        quantile(cpp, 0, 0.5) / median,
        quantile(runs, 1, 0.5));
  }
}
