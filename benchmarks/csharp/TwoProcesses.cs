// SPDX-License-Identifier: MIT

// One to one between two processes, each on a core of its own, 64 bytes, polling: C# to C# and C++ to
// C++ in turn, medians and their ratio.
//
//   ./bazelw run -c opt //benchmarks/csharp:two_processes [-- ROUNDS MESSAGES]

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Interprocess;

if (args is ["publish" or "subscribe", ..])
{
    return Pair(args[0], args[1], long.Parse(args[2]));
}

int rounds = args.Length > 0 ? int.Parse(args[0]) : 9;
long messages = args.Length > 1 ? long.Parse(args[1]) : 5_000_000;
string pair = Path.Combine(
    Environment.GetEnvironmentVariable("RUNFILES_DIR") ?? AppContext.BaseDirectory + "../two_processes.runfiles",
    "interprocess/benchmarks/csharp/pair");
long mask = Process.GetCurrentProcess().ProcessorAffinity;
int[] cores = Enumerable.Range(0, 64).Where(i => (mask >> i & 1) != 0).ToArray();
double[] cpp = new double[rounds];
double[] csharp = new double[rounds];
for (int i = 0; i < rounds; ++i)
{
    cpp[i] = Measure(pair);
    csharp[i] = Measure(Environment.ProcessPath!, "exec", typeof(Program).Assembly.Location);
    Console.WriteLine($"round {i + 1}: C++ {cpp[i]:f1}, C# {csharp[i]:f1} million messages a second");
}

double ratio = Median(csharp) / Median(cpp);
Console.WriteLine($"medians: C++ {Median(cpp):f1}, C# {Median(csharp):f1}, ratio {ratio:f2} (bar: 0.4)");
return 0;

static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

// In million messages a second.
double Measure(params string[] command)
{
    string directory = Directory.CreateTempSubdirectory("interprocess-benchmark-").FullName;
    try
    {
        using Process subscriber = Start("subscribe", core: 1);
        using Process publisher = Start("publish", core: 0);
        string nanoseconds = subscriber.StandardOutput.ReadToEnd();
        publisher.WaitForExit();
        subscriber.WaitForExit();
        return messages * 1000.0 / long.Parse(nanoseconds);
    }
    finally
    {
        Directory.Delete(directory, recursive: true);
    }

    Process Start(string role, int core)
    {
        string[] all = [.. command, role, directory, messages.ToString()];
        var start = new ProcessStartInfo(all[0]) { RedirectStandardOutput = true };
        foreach (string argument in all.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        if (OperatingSystem.IsLinux() && cores.Length > 1)
        {
            process.ProcessorAffinity = (nint)1 << cores[core];
        }

        return process;
    }
}

static int Pair(string role, string directory, long count)
{
    var options = new QueueOptions("pair", directory, 1024 * 1024) { KeepUndelivered = true };
    byte[] bytes = new byte[64];
    if (role == "publish")
    {
        using var publisher = new QueueFactory().CreatePublisher(options);
        for (long i = 0; i < count;)
        {
            if (publisher.TryEnqueue(bytes))
            {
                ++i;
            }
        }

        return 0;
    }

    using var subscriber = new QueueFactory().CreateSubscriber(options);
    long start = 0;
    for (long i = 0; i < count;)
    {
        if (subscriber.TryDequeue(bytes, default, out _) && i++ == 0)
        {
            start = Stopwatch.GetTimestamp();
        }
    }

    Console.WriteLine((long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
    return 0;
}
