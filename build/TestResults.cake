// Counts over the .trx files of a test run.

public sealed record TestResults(int Passed, int Failed, int Skipped)
{
    public static TestResults Read(IEnumerable<string> files)
    {
        var sum = new TestResults(0, 0, 0);
        foreach (var file in files)
        {
            var outcomes = System.Xml.Linq.XDocument.Load(file).Descendants()
                .Where(element => element.Name.LocalName == "UnitTestResult")
                .Select(element => element.Attribute("outcome")?.Value).ToArray();
            var passed = outcomes.Count(outcome => outcome == "Passed");
            var skipped = outcomes.Count(outcome => outcome is "NotExecuted" or "Inconclusive");
            sum = new TestResults(sum.Passed + passed, sum.Failed + outcomes.Length - passed - skipped, sum.Skipped + skipped);
        }
        return sum;
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed" + (Skipped > 0 ? $", {Skipped} skipped" : "");
}
