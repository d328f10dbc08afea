// SPDX-License-Identifier: MIT

// holder hold|start|exec DIRECTORY QUEUE: opens both endpoints, borrows the queue's message, says
// "holding EARLIER_DELIVERIES REDELIVERED" and keeps it. With "start" it then starts itself again,
// with its environment and the descriptors that it lets go on; with "exec" it becomes itself again.
// holder idle: what is started, and says "idle PROCESS_ID". holder send DIRECTORY QUEUE: what
// "exec" becomes, which also enqueues its process id first. All then stay until they are killed or
// their input ends.

using System;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Interprocess;

if (args[0] == "idle")
{
    return Stay($"idle {Environment.ProcessId}");
}

var options = new QueueOptions(args[2], args[1], 4096) { KeepUndelivered = true };
using var publisher = new Publisher(options);
if (args[0] == "send")
{
    publisher.Enqueue(Encoding.UTF8.GetBytes($"{Environment.ProcessId}"), CancellationToken.None);
    return Stay("sent");
}

using var subscriber = new Subscriber(options);
using BorrowedMessage message = subscriber.Borrow(CancellationToken.None);
Console.WriteLine($"holding {message.Info.EarlierDeliveries} {message.Redelivered}");
string program = Environment.ProcessPath!;
string assembly = Assembly.GetExecutingAssembly().Location;
switch (args[0])
{
    case "start":
        using (Process.Start(new ProcessStartInfo(program, ["exec", assembly, "idle"])))
        {
            return Stay(null);
        }

    case "exec":
        _ = execv(program, ["dotnet", "exec", assembly, "send", args[1], args[2], null]);
        throw new InvalidOperationException($"execv: {Marshal.GetLastPInvokeErrorMessage()}");

    default:
        return Stay(null);
}

static int Stay(string? say)
{
    if (say is not null)
    {
        Console.WriteLine(say);
    }

    while (Console.ReadLine() is not null)
    {
    }

    return 0;
}

[DllImport("libc", SetLastError = true)]
static extern int execv(string path, string?[] arguments);
