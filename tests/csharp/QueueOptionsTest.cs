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
    [InlineData(long.MinValue)]
    [InlineData(-8)]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(16)]
    public void CapacityIsGreaterThan16(long capacity)
    {
        Assert.Equal(
            "capacity",
            Assert.Throws<ArgumentOutOfRangeException>(() => new QueueOptions("q", capacity)).ParamName);
        Assert.Equal(
            "bytesCapacity",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new QueueOptions("q", bytesCapacity: capacity)).ParamName);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(23)]
    [InlineData(1_000_001)]
    public void CapacityIsAMultipleOf8(long capacity) => Assert.Equal(
        "capacity",
        Assert.Throws<ArgumentException>(() => new QueueOptions("q", "/x", capacity)).ParamName);

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
