<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Condition;

/**
 * Which jobs of the queue an operator looks at: all that is chosen must hold. Texts are looked for anywhere in a name.
 */
final class QueueFilter
{
    private const MAX_TEXT = 100;
    private const MAX_HOURS = 100_000;
    private const TEXTS = ['owner' => 'u.username', 'object' => 'j.object_name', 'worker' => 'j.worker_name', 'error' => 'j.error_message'];

    /** @param array<string, string> $texts by field */
    private function __construct(
        public readonly ?JobStatus $status,
        public readonly ?JobKind $kind,
        public readonly array $texts,
        /** hours since the job last changed, at least */
        public readonly ?int $hours,
    ) {
    }

    /**
     * @param array<string, ?string> $given by name; empty ones choose nothing
     * @throws Refusal naming the field that is wrong
     */
    public static function of(array $given): self
    {
        $given = array_map(trim(...), array_filter($given, static fn (?string $value): bool => trim((string) $value) !== ''));
        $texts = array_intersect_key($given, self::TEXTS);
        foreach ($texts as $name => $text) {
            if (mb_strlen($text) > self::MAX_TEXT) {
                throw Refusal::badInput("'$name' has more than " . self::MAX_TEXT . ' characters', 'too_long')->at($name);
            }
        }
        $hours = filter_var($given['hours'] ?? '1', FILTER_VALIDATE_INT, ['options' => ['min_range' => 1, 'max_range' => self::MAX_HOURS]]);
        if ($hours === false) {
            throw Refusal::badInput("'hours' must be a whole number of hours", 'no_hours')->at('hours');
        }

        return new self(
            isset($given['state']) ? JobStatus::tryFrom($given['state']) ?? throw Refusal::badInput("'state' is none of a job")->at('state') : null,
            isset($given['kind']) ? JobKind::tryFrom($given['kind']) ?? throw Refusal::badInput("'kind' is none of a job", 'no_choice')->at('kind') : null,
            $texts,
            isset($given['hours']) ? $hours : null,
        );
    }

    /**
     * What is right of what was given, and the first mistake in it.
     *
     * @param \Closure(string): ?string $given value of a field
     * @return array{self, ?Refusal}
     */
    public static function ofWhatIsRight(\Closure $given): array
    {
        $values = array_combine(self::names(), array_map($given, self::names()));
        $mistake = null;
        while (true) {
            try {
                return [self::of($values), $mistake];
            } catch (Refusal $refusal) {
                if (!isset($values[$refusal->field() ?? ''])) {
                    throw $refusal;
                }
                unset($values[$refusal->field()]);
                $mistake ??= $refusal;
            }
        }
    }

    /** @return list<string> names of the fields */
    public static function names(): array
    {
        return ['state', 'kind', ...array_keys(self::TEXTS), 'hours'];
    }

    /** The same jobs whatever their state. */
    public function inAnyState(): self
    {
        return new self(null, $this->kind, $this->texts, $this->hours);
    }

    /** @return array<string, string> what the address of the page says */
    public function toQuery(): array
    {
        $query = ['state' => $this->status?->value, 'kind' => $this->kind?->value] + $this->texts
            + ['hours' => $this->hours === null ? null : (string) $this->hours];

        return array_filter($query, static fn (?string $value): bool => $value !== null);
    }

    /** Whether more than the state is chosen. */
    public function isNarrow(): bool
    {
        return $this->inAnyState()->toQuery() !== [];
    }

    /** The condition on stacking_jobs j and users u. */
    public function condition(Clock $clock): Condition
    {
        $all = [new Condition('j.checks_job_id IS NULL')];
        if ($this->status !== null) {
            $all[] = new Condition('j.status = ?', [$this->status->value]);
        }
        if ($this->kind !== null) {
            $all[] = new Condition('j.kind = ?', [$this->kind->value]);
        }
        foreach ($this->texts as $name => $text) {
            $all[] = new Condition(self::TEXTS[$name] . " LIKE ? ESCAPE '!'", ['%' . strtr($text, ['!' => '!!', '%' => '!%', '_' => '!_']) . '%']);
        }
        if ($this->hours !== null) {
            $all[] = new Condition('j.updated_at < ?', [Utc::stored($clock->now()->modify("-{$this->hours} hours"))]);
        }

        return Condition::all(...$all);
    }
}
