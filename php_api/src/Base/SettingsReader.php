<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * Reads typed settings from the environment, else from the configuration file, else the default.
 *
 * A setting that cannot be read is remembered and replaced by its default, so that finish() can name
 * every problem in one message instead of one per attempt.
 */
final class SettingsReader
{
    /** @var list<string> */
    private array $problems = [];

    /** @var array<string, true> */
    private array $known = [];

    /**
     * @param array<string, mixed> $file values of the configuration file, keyed by setting name
     * @param \Closure(string): (string|false) $environment looks an environment variable up
     */
    public function __construct(
        private readonly array $file,
        private readonly \Closure $environment,
        private readonly string $fileName,
    ) {
    }

    public function text(string $name, string $default): string
    {
        [$value, $source] = $this->find($name, $default);
        if (!is_string($value)) {
            return $this->refuse($source, 'must be a text', $default);
        }
        return $value;
    }

    /** @param list<string> $allowed */
    public function choice(string $name, string $default, array $allowed): string
    {
        [$value, $source] = $this->find($name, $default);
        if (!in_array($value, $allowed, true)) {
            return $this->refuse($source, 'must be one of ' . implode(', ', $allowed), $default);
        }
        return $value;
    }

    public function integer(string $name, int $default, int $min, int $max): int
    {
        [$value, $source] = $this->find($name, $default);
        $number = filter_var($value, FILTER_VALIDATE_INT);
        if ($number === false || is_bool($value) || $number < $min || $number > $max) {
            return $this->refuse($source, "must be a whole number from $min to $max", $default);
        }
        return $number;
    }

    public function number(string $name, float $default, float $min, float $max): float
    {
        [$value, $source] = $this->find($name, $default);
        $number = is_bool($value) ? false : filter_var($value, FILTER_VALIDATE_FLOAT);
        if ($number === false || !is_finite($number) || $number < $min || $number > $max) {
            return $this->refuse($source, "must be a number from $min to $max", $default);
        }
        return $number;
    }

    /** Remembers a problem that involves more than one setting. */
    public function report(string $problem): void
    {
        $this->problems[] = $problem;
    }

    /** @throws ConfigurationError naming every setting that is wrong or unknown */
    public function finish(): void
    {
        foreach (array_keys($this->file) as $name) {
            if (!isset($this->known[$name])) {
                $this->problems[] = "'$name' in {$this->fileName} is not a setting; see config.example.php";
            }
        }
        if ($this->problems !== []) {
            throw new ConfigurationError("The configuration cannot be used:\n- " . implode("\n- ", $this->problems));
        }
    }

    /** @return array{mixed, string} the raw value and the words that say where it came from */
    private function find(string $name, mixed $default): array
    {
        $this->known[$name] = true;
        $variable = 'CROWDSKY_' . strtoupper($name);
        $fromEnvironment = ($this->environment)($variable);
        if ($fromEnvironment !== false && $fromEnvironment !== '') {
            return [$fromEnvironment, "environment variable $variable"];
        }
        if (array_key_exists($name, $this->file)) {
            return [$this->file[$name], "'$name' in {$this->fileName}"];
        }
        return [$default, "'$name'"];
    }

    /**
     * @template T
     * @param T $default
     * @return T
     */
    private function refuse(string $source, string $rule, mixed $default): mixed
    {
        $this->problems[] = "$source $rule";
        return $default;
    }
}
