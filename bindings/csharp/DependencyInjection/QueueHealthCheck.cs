// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Interprocess;

/// <summary>
/// Opens a queue as its users do, and checks every known invariant of it. Damage gives the failure
/// status of the registration. Dead participants that no other one has resolved yet give
/// <see cref="HealthStatus.Degraded"/>. Reads every slot of the queue, so the time grows with its
/// capacity.
/// </summary>
public sealed class QueueHealthCheck : IHealthCheck
{
    private readonly QueueOptions options;

    /// <summary>Initializes a new instance of the <see cref="QueueHealthCheck"/> class.</summary>
    /// <param name="options">The queue.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public QueueHealthCheck(QueueOptions options) =>
        this.options = options ?? throw new ArgumentNullException(nameof(options));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Counted before the check itself becomes a participant.
            int participants = CountParticipants();

            // Kept, so that the check discards no message if it is the last one to leave.
            using var publisher = new Publisher(new QueueOptions(options) { KeepUndelivered = true });
            return Task.FromResult(Inspect(context, participants));
        }
        catch (Exception e) when (e is QueueException or ArgumentException or DllNotFoundException)
        {
            return Task.FromResult(new HealthCheckResult(
                context?.Registration?.FailureStatus ?? HealthStatus.Unhealthy,
                $"Queue '{options.QueueName}' cannot be opened: {e.Message}",
                e));
        }
    }

    /// <summary>Counts the participants; 0 if there is no queue.</summary>
    private int CountParticipants()
    {
        try
        {
            using var inspector = new QueueInspector(options);
            return inspector.Report().Participants.Count;
        }
        catch (QueueException e) when (e.Error == QueueError.NotFound)
        {
            return 0;
        }
    }

    private HealthCheckResult Inspect(HealthCheckContext? context, int participants)
    {
        using var inspector = new QueueInspector(options);
        QueueReport report = inspector.Report();
        IReadOnlyList<QueueFinding> findings = inspector.Check();
        var data = new Dictionary<string, object>
        {
            ["path"] = report.Path,
            ["capacity"] = report.Capacity,
            ["ready"] = report.Ready,
            ["ready-bytes"] = report.ReadyBytes,
            ["participants"] = participants,
        };
        HealthStatus status = findings.Any(f => f.IsDamage)
            ? context?.Registration?.FailureStatus ?? HealthStatus.Unhealthy
            : findings.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        string description = findings.Count == 0
            ? $"Queue '{options.QueueName}' is sound."
            : string.Join(" ", findings.Select(f => f.What));
        return new HealthCheckResult(status, description, null, data);
    }
}
