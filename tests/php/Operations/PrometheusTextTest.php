<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Operations;

use CrowdSky\Operations\PrometheusText;
use PHPUnit\Framework\TestCase;

final class PrometheusTextTest extends TestCase
{
    public function testWritesFamiliesAsTheFormatWantsThem(): void
    {
        $text = new PrometheusText();
        $text->gauge('a_bytes', 'One thing.', 12_345_678_901_234);
        $text->family('b_total', 'counter', 'Two things.', [
            ['labels' => ['kind' => 'x', 'final' => 'no'], 'value' => 0],
            ['labels' => ['kind' => 'y', 'final' => 'yes'], 'value' => 1.5],
        ]);

        self::assertSame(
            "# HELP a_bytes One thing.\n# TYPE a_bytes gauge\na_bytes 12345678901234\n"
            . "# HELP b_total Two things.\n# TYPE b_total counter\n"
            . "b_total{kind=\"x\",final=\"no\"} 0\nb_total{kind=\"y\",final=\"yes\"} 1.5\n",
            $text->text(),
        );
    }

    public function testWhatIsUnknownIsLeftOut(): void
    {
        $text = new PrometheusText();
        $text->gauge('a', 'Nothing.', null);

        self::assertSame('', $text->text());
    }

    public function testLabelsCannotBreakOutOfTheirLine(): void
    {
        $text = new PrometheusText();
        $text->family('a', 'gauge', "One\nline \\ only.", [['labels' => ['x' => "q\" \\ \nend"], 'value' => 1]]);

        self::assertSame("# HELP a One\\nline \\\\ only.\n# TYPE a gauge\na{x=\"q\\\" \\\\ \\nend\"} 1\n", $text->text());
    }
}
