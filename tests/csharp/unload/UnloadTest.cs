// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Xunit;

/// <summary>A context with the library in it unloads, whatever was done with the library.</summary>
public sealed class UnloadTest : IDisposable
{
    private readonly Scratch scratch = new();

    public static TheoryData<string> Uses
    {
        get
        {
            var data = new TheoryData<string>();
            data.AddRange(PluginContext.NamesOfUses());
            return data;
        }
    }

    public void Dispose() => scratch.Dispose();

    [Theory]
    [MemberData(nameof(Uses))]
    public void ContextUnloadsAfter(string use) => AssertUnloads(use, 1);

    [Fact]
    public void ContextsUnloadOneAfterTheOther() => AssertUnloads("asynchronous reads", 10);

    [Fact]
    public void ContextUnloadsWhileTheHostListensToItsCounters()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument),
        };
        long count = 0;
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => count += value);
        listener.Start();
        AssertUnloads("calls that do not wait", 1);
        Assert.NotEqual(0, count);
    }

    private void AssertUnloads(string use, int times)
    {
        var contexts = new List<WeakReference>();
        for (int i = 0; i < times; ++i)
        {
            contexts.Add(PluginContext.Run(use, scratch.Path));
        }

        Waiting.Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return contexts.TrueForAll(context => !context.IsAlive);
            },
            $"the context is gone after {use}");
    }

    private sealed class PluginContext() : AssemblyLoadContext(isCollectible: true)
    {
        public static string[] NamesOfUses() => (string[])Assembly.LoadFrom(PathOf("unload_plugin"))
            .GetType("Plugin")!.GetProperty("Names")!.GetValue(null)!;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static WeakReference Run(string use, string directory)
        {
            var context = new PluginContext();
            Assembly plugin = context.LoadFromAssemblyPath(PathOf("unload_plugin"));
            plugin.GetType("Plugin")!.GetMethod("Run")!.Invoke(null, [use, directory]);
            context.Unload();
            return new WeakReference(context);
        }

        protected override Assembly? Load(AssemblyName name) =>
            name.Name!.StartsWith("Interprocess", StringComparison.Ordinal)
                ? LoadFromAssemblyPath(PathOf(name.Name))
                : null;

        private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
    }
}
