using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// In this process: the usual way of BenchmarkDotNet builds a project for each.
BenchmarkSwitcher
    .FromAssembly(typeof(QueueBenchmark).Assembly)
    .Run(
        args.Length == 0 ? ["--filter", "*"] : args,
        DefaultConfig.Instance
            .WithOptions(ConfigOptions.DisableLogFile)
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)));
