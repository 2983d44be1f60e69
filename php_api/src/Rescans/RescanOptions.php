<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;

/** The choices for a rescan: which solvers to use, and in which order. */
final class RescanOptions
{
    /** Names of the worker's solvers, with their labels on the pages. */
    public const SOLVERS = [
        'astrometry' => 'astrometry.net, built in',
        'triangles' => 'Triangle matching',
        'solve-field' => 'solve-field program',
        'nova' => 'nova server',
    ];

    /** @param non-empty-list<string>|null $solvers null leaves the choice to the worker */
    private function __construct(public readonly ?array $solvers)
    {
    }

    /** @throws Refusal when `solvers` is neither null nor a list of solvers' names */
    public static function fromJson(JsonBody $body): self
    {
        if (!$body->has('solvers')) {
            return new self(null);
        }

        return self::of($body->messages('solvers', count(self::SOLVERS), 40));
    }

    /**
     * @param string|null $solver the choice made in a form; empty for the worker's own
     * @throws Refusal when it is not the name of a solver
     */
    public static function fromForm(?string $solver): self
    {
        return $solver === null || $solver === '' ? new self(null) : self::of([$solver]);
    }

    /** Returns the options as the queue stores them and the worker gets them. */
    public function toJson(): string
    {
        return json_encode(['solvers' => $this->solvers], JSON_THROW_ON_ERROR);
    }

    /** @param list<string> $solvers */
    private static function of(array $solvers): self
    {
        if ($solvers === [] || array_diff($solvers, array_keys(self::SOLVERS)) !== []) {
            throw Refusal::badInput("'solvers' must be null or a list of " . implode(', ', array_keys(self::SOLVERS)));
        }

        return new self(array_values(array_unique($solvers)));
    }
}
