<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

/**
 * Writes measurements in the text format of Prometheus, version 0.0.4.
 */
final class PrometheusText
{
    public const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

    private string $text = '';

    /** Adds a gauge. One without a value is left out, which means that it is unknown. */
    public function gauge(string $name, string $help, int|float|null $value): void
    {
        if ($value !== null) {
            $this->family($name, 'gauge', $help, [['labels' => [], 'value' => $value]]);
        }
    }

    /**
     * Adds values of one meaning that differ in their labels.
     *
     * @param string $type gauge or counter
     * @param list<array{labels: array<string, string>, value: int|float}> $samples
     */
    public function family(string $name, string $type, string $help, array $samples): void
    {
        $this->text .= "# HELP $name " . strtr($help, ['\\' => '\\\\', "\n" => '\n']) . "\n# TYPE $name $type\n";
        foreach ($samples as $sample) {
            $this->text .= $name . self::labels($sample['labels']) . ' ' . self::number($sample['value']) . "\n";
        }
    }

    public function text(): string
    {
        return $this->text;
    }

    /** @param array<string, string> $labels */
    private static function labels(array $labels): string
    {
        $parts = [];
        foreach ($labels as $label => $value) {
            $parts[] = $label . '="' . strtr($value, ['\\' => '\\\\', '"' => '\"', "\n" => '\n']) . '"';
        }
        return $parts === [] ? '' : '{' . implode(',', $parts) . '}';
    }

    private static function number(int|float $value): string
    {
        return json_encode($value, JSON_THROW_ON_ERROR);
    }
}
