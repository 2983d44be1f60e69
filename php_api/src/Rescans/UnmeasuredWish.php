<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;

/** Which unmeasured stacks a request means, and whether it is a dry run. */
final class UnmeasuredWish
{
    private const FIELDS = ['dry_run', 'retry_failed', 'limit', 'after'];

    /**
     * @param bool $dryRun queue nothing
     * @param bool $retryFailed include those whose last rescan gave no measurement
     * @param int $limit stacks in one answer
     * @param int $after only stacks with higher ids
     */
    public function __construct(
        public readonly bool $dryRun = false,
        public readonly bool $retryFailed = false,
        public readonly int $limit = Rescans::MAX_STACKS,
        public readonly int $after = 0,
    ) {
    }

    /**
     * @return self|null null when the body names its stacks
     * @throws Refusal naming the field that is wrong or does not belong there
     */
    public static function fromJson(JsonBody $body): ?self
    {
        if ($body->optionalBool('not_measured') !== true) {
            self::requireStacks($body);

            return null;
        }
        if ($body->has('stack_ids')) {
            throw $body->wrong('stack_ids', "and 'not_measured' exclude each other");
        }

        return new self(
            $body->optionalBool('dry_run') ?? false,
            $body->optionalBool('retry_failed') ?? false,
            $body->optionalInt('limit', 1, Rescans::MAX_STACKS) ?? Rescans::MAX_STACKS,
            $body->optionalInt('after', 0, PHP_INT_MAX) ?? 0,
        );
    }

    /** Repeats the request for the stacks after a batch. */
    public function from(int $after): self
    {
        return new self($this->dryRun, $this->retryFailed, $this->limit, $after);
    }

    /**
     * Refuses fields that only go with not_measured: a dry run must never queue anything, whatever else the body says.
     */
    private static function requireStacks(JsonBody $body): void
    {
        foreach (array_filter(self::FIELDS, $body->has(...)) as $field) {
            throw $body->wrong($field, "goes with 'not_measured': true only");
        }
        if (!$body->has('stack_ids')) {
            throw $body->wrong('stack_ids', "is missing; send a list of stacks, or 'not_measured': true");
        }
    }
}
