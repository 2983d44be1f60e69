<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Passes on the wanted bytes of a download, even if the server ignores Range and sends everything.
 */
final class DownloadWindow
{
    private int $skip = 0;
    private bool $started = false;

    /** @param callable(string): void $sink */
    public function __construct(
        private readonly mixed $sink,
        private readonly int $offset,
        private ?int $left,
    ) {
    }

    /** Called by curl for every piece; a return value other than its length ends the transfer. */
    public function take(\CurlHandle $curl, string $piece): int
    {
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($status !== 200 && $status !== 206) {
            return strlen($piece);
        }
        if (!$this->started) {
            $this->started = true;
            $this->skip = $status === 200 ? $this->offset : 0;
        }
        $wanted = $this->cut($piece);
        if ($wanted !== '') {
            ($this->sink)($wanted);
        }
        return $this->isComplete() ? -1 : strlen($piece);
    }

    public function isComplete(): bool
    {
        return $this->left === 0;
    }

    private function cut(string $piece): string
    {
        $skipped = min($this->skip, strlen($piece));
        $this->skip -= $skipped;
        $wanted = substr($piece, $skipped, $this->left);
        if ($this->left !== null) {
            $this->left -= strlen($wanted);
        }
        return $wanted;
    }
}
