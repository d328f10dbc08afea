// SPDX-License-Identifier: MIT

using System;
using Interprocess;
using Xunit;

public class QueueOptionsTest
{
    [Fact]
    public void BothSpellingsOfTheCapacityCompile()
    {
        var now = new QueueOptions(queueName: "my-queue", capacity: 1024 * 1024);
        var before = new QueueOptions(queueName: "my-queue", bytesCapacity: 1024 * 1024);
        Assert.Equal(now.Capacity, before.Capacity);
        Assert.Equal(now.QueueName, before.QueueName);
        Assert.Equal(now.Path, before.Path);
        Assert.Equal(
            new QueueOptions(queueName: "q", path: "/x", capacity: 24).Path,
            new QueueOptions(queueName: "q", path: "/x", bytesCapacity: 24).Path);
        Assert.Equal(24, new QueueOptions("q", 24).Capacity);
        Assert.Equal("/x", new QueueOptions("q", "/x", 24).Path);
    }

    [Theory]
    [InlineData(QueueProtocol.Native, long.MinValue)]
    [InlineData(QueueProtocol.Native, -8)]
    [InlineData(QueueProtocol.Native, 0)]
    [InlineData(QueueProtocol.CloudtoidV2, 16)]
    [InlineData(QueueProtocol.CloudtoidV2Fork, 0)]
    [InlineData(QueueProtocol.CloudtoidV3, 23)]
    public void CapacityIsNotTooSmall(QueueProtocol protocol, long capacity) => Assert.Equal(
        "bytesCapacity",
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new QueueOptions("q", bytesCapacity: capacity, protocol)).ParamName);

    [Theory]
    [InlineData(QueueProtocol.CloudtoidV2, 25)]
    [InlineData(QueueProtocol.CloudtoidV2Fork, 1_000_001)]
    [InlineData(QueueProtocol.CloudtoidV3, 31)]
    public void CapacityOfACloudtoidQueueIsAMultipleOf8(QueueProtocol protocol, long capacity)
    {
        Assert.Equal(
            "bytesCapacity",
            Assert.Throws<ArgumentException>(
                () => new QueueOptions("q", "/x", bytesCapacity: capacity, protocol)).ParamName);

        // A protocol that is named after the capacity is checked when the queue is opened.
        var later = new QueueOptions("q", "/x", capacity) { Protocol = protocol };
        Assert.Contains(
            $"{capacity}", Assert.Throws<ArgumentException>(() => new QueueFactory().CreatePublisher(later)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(4095)]
    [InlineData(5001)]
    public void CapacityOfANativeQueueIsRoundedUp(long capacity)
    {
        using var scratch = new Scratch();
        using var publisher = new Publisher(scratch.NewQueue(capacity));
        Assert.Equal(Math.Max(4096, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)capacity)), publisher.Capacity);
    }

    [Fact]
    public void EveryLanguageKeepsWhatIsUndelivered() => Assert.True(new QueueOptions("q", 24).KeepUndelivered);

    [Fact]
    public void OptionsPrintThemselves()
    {
        var options = new QueueOptions("orders", "/x", 5000)
        {
            Mode = QueueOpenMode.CreateNew,
            Access = QueueAccess.Group,
            KeepUndelivered = false,
        };
        Assert.Equal(
            "queue 'orders' in '/x', 5000 bytes, protocol Native, CreateNew, access for Group, discards what is"
                + " undelivered",
            options.ToString());
        Assert.Contains("the default directory", new QueueOptions("orders", 24).ToString());
    }

    [Fact]
    public void NamesAndPathsAreThere()
    {
        Assert.Equal(
            "queueName",
            Assert.Throws<ArgumentNullException>(() => new QueueOptions(null!, 24)).ParamName);
        Assert.Equal(
            "queueName",
            Assert.Throws<ArgumentException>(() => new QueueOptions(string.Empty, 24)).ParamName);
        Assert.Equal(
            "path",
            Assert.Throws<ArgumentNullException>(() => new QueueOptions("q", null!, 24)).ParamName);
    }
}
