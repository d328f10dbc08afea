// SPDX-License-Identifier: MIT

using System.Text;
using Interprocess;
using Microsoft.Build.Framework;

public static class Plugin
{
    public static string Talk(string directory)
    {
        var options = new QueueOptions("plugin", directory, 4096);
        using var publisher = new Publisher(options);
        publisher.TryEnqueue("hello"u8);
        using var subscriber = new Subscriber(options);
        return Encoding.UTF8.GetString(subscriber.Dequeue(default).Span);
    }
}

public sealed class Talk : ITask
{
    public IBuildEngine? BuildEngine { get; set; }

    public ITaskHost? HostObject { get; set; }

    [Required]
    public string Directory { get; set; } = string.Empty;

    public bool Execute()
    {
        BuildEngine!.LogMessageEvent(new(
            $"The task says {Plugin.Talk(Directory)}.", string.Empty, nameof(Talk), MessageImportance.High));
        return true;
    }
}
