<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * One line per event in {data_dir}/log/crowdsky.log: time, level, message, then the context as JSON.
 *
 * Whatever the texts hold, an event stays one line of bounded length. A large file is renamed to crowdsky.log.1, because
 * a shared host has no logrotate. When the file cannot be written the line goes to PHP's own error log.
 */
final class Logger
{
    /** Levels in rising order. */
    public const LEVELS = ['debug', 'info', 'warning', 'error'];

    /** Characters of one text of a line, and of the whole line. */
    private const MAX_TEXT = 2000;
    private const MAX_LINE = 16_000;

    /** Different warnings that once() keeps in mind. */
    private const MAX_REMEMBERED = 200;

    private const ROTATE_BYTES = 10 << 20;

    public function __construct(
        private readonly string $file,
        private readonly string $threshold,
        private readonly Clock $clock,
    ) {
    }

    /** @param array<string, mixed> $context */
    public function debug(string $message, array $context = []): void
    {
        $this->write('debug', $message, $context);
    }

    /** @param array<string, mixed> $context */
    public function info(string $message, array $context = []): void
    {
        $this->write('info', $message, $context);
    }

    /** @param array<string, mixed> $context */
    public function warning(string $message, array $context = []): void
    {
        $this->write('warning', $message, $context);
    }

    /** @param array<string, mixed> $context */
    public function error(string $message, array $context = []): void
    {
        $this->write('error', $message, $context);
    }

    /**
     * Logs a warning unless this log has it already: for what would otherwise be repeated by every request.
     *
     * A file beside the log remembers what was said. With a new log it starts again; after MAX_REMEMBERED different
     * warnings nothing more is said.
     *
     * @param array<string, mixed> $context
     */
    public function once(string $message, array $context = []): void
    {
        $hash = hash('sha256', $message);
        $known = @file("{$this->file}.once", FILE_IGNORE_NEW_LINES) ?: [];
        if (in_array($hash, $known, true) || count($known) >= self::MAX_REMEMBERED) {
            return;
        }
        if (@file_put_contents("{$this->file}.once", "$hash\n", FILE_APPEND | LOCK_EX) !== false) {
            $this->warning($message, $context);
        }
    }

    /** @param array<string, mixed> $context */
    private function write(string $level, string $message, array $context): void
    {
        if (array_search($level, self::LEVELS, true) < array_search($this->threshold, self::LEVELS, true)) {
            return;
        }
        $line = $this->clock->now()->format('Y-m-d\TH:i:s.v\Z') . ' ' . strtoupper($level) . ' ' . Readable::text($message, self::MAX_TEXT);
        if ($context !== []) {
            array_walk_recursive($context, static function (mixed &$value): void {
                $value = is_string($value) ? Readable::text($value, self::MAX_TEXT) : $value;
            });
            $line .= ' ' . json_encode($context, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR);
        }
        $line = Readable::text($line, self::MAX_LINE);
        $this->rotateWhenLarge();
        if (@file_put_contents($this->file, "$line\n", FILE_APPEND | LOCK_EX) === false) {
            error_log("CrowdSky: $line");
        }
    }

    private function rotateWhenLarge(): void
    {
        if (@filesize($this->file) > self::ROTATE_BYTES) {
            @rename($this->file, "{$this->file}.1");
            @unlink("{$this->file}.once");
        }
    }
}
