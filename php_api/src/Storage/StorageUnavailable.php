<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * The storage did not do what it was asked; the client may try again later. The details are only logged.
 */
final class StorageUnavailable extends Refusal
{
    private const RETRY_AFTER_SECONDS = 30;
    private const PASSING = 'The result storage is not available now; please try again shortly';
    private const FILE_DROP = 'The result storage only takes new files and shows none, so that no result can be verified;'
        . ' an operator has to give the site a share that may be edited';
    private const NO_MOVES = 'The result storage does not give files their names behind its proxy, so that nothing can be stored;'
        . ' an operator has to let the proxy rewrite the header Destination';

    public function __construct(string $detail, ?\Throwable $cause = null, string $message = self::PASSING)
    {
        $logged = new \RuntimeException($detail, 0, $cause);
        parent::__construct(RefusalKind::Unavailable, 'storage_unavailable', $message, self::RETRY_AFTER_SECONDS, $logged);
    }

    /** Waiting does not help here, and the message says so: the client should keep its result. */
    public static function fileDrop(string $detail): self
    {
        return new self($detail, null, self::FILE_DROP);
    }

    /** Waiting does not help here either. */
    public static function noMoves(string $detail): self
    {
        return new self($detail, null, self::NO_MOVES);
    }
}
