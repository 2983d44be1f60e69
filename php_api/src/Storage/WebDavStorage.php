<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Results in a WebDAV share, such as a Nextcloud folder shared by link.
 *
 * Answers are trusted only if they are exactly those of the protocol: a proxy's 200 to a PUT, or a redirect to a login
 * page, is a failure.
 */
final class WebDavStorage implements ObjectStorage
{
    private const NO_SUCH_METHOD = [405, 501];
    /** Answers to a MKCOL; an existing folder is 405 if it is named with a trailing slash. */
    private const FOLDER_EXISTS = [201, 405];
    /** Answers to a PUT into a folder that does not exist; nginx says 500. */
    private const NO_SUCH_FOLDER = [404, 409, 500];
    /** Answers of a share that never moves files: no right, no method, not to there. */
    private const NO_MOVES = [403, 405, 501, 502];
    private const FOREIGN = 'the storage takes no target address with https, as its own server is reached by http;'
        . ' the proxy in front of it has to rewrite the header Destination';

    /** @var array<string, true> folders into which this process has stored a file */
    private array $folders = [];

    public function __construct(private readonly WebDavClient $client)
    {
    }

    public function size(string $path): ?int
    {
        $answer = $this->client->request('HEAD', StoragePath::check($path));
        if ($answer->status === 404) {
            return null;
        }
        if ($answer->status !== 200) {
            throw self::unexpected('HEAD', $path, $answer);
        }
        // Some servers, such as Apache, send no length for an empty file.
        return $answer->contentLength ?? $this->countBytes($path);
    }

    public function read(string $path, callable $sink, int $offset = 0, ?int $length = null): void
    {
        $answer = $this->client->download(StoragePath::check($path), $sink, $offset, $length);
        if ($answer->status === 404) {
            throw new ObjectMissing($path);
        }
        if ($answer->status !== 200 && $answer->status !== 206) {
            throw self::unexpected('GET', $path, $answer);
        }
    }

    /** Uploads under a temporary name, checks what arrived, then moves it into place. */
    public function put(SpooledFile $file, string $path): void
    {
        $temporary = StoragePath::check($path) . '.' . bin2hex(random_bytes(6)) . '.part';
        $this->refuseFileDrop($temporary);
        try {
            $this->upload($file, $temporary);
            $this->giveName($temporary, $path, $file->size);
        } catch (\Throwable $error) {
            $this->discard($temporary);
            throw $error;
        }
    }

    public function list(string $folder): iterable
    {
        foreach ($this->children(StoragePath::check($folder)) as $path => $entry) {
            if ($entry->isFolder) {
                yield from $this->list($path);
            } else {
                yield new StoredObject($path, $entry->size, $entry->modifiedAt);
            }
        }
    }

    public function move(string $from, string $to): void
    {
        $size = $this->size($from) ?? throw new ObjectMissing($from);
        if ($this->size(StoragePath::check($to)) !== null) {
            throw new ObjectExists($to);
        }
        $this->requestMove($from, $to);
        if ($this->isMoved($from, $to, $size)) {
            return;
        }
        // What servers answer when the target has no folder differs: 403, 404, 409 or 500.
        $this->makeFolder(dirname($to));
        $answer = $this->requestMove($from, $to);
        if ($this->isMoved($from, $to, $size)) {
            return;
        }
        $isForeign = $answer !== null && $this->client->isForeign($answer);
        if (($isForeign || in_array($answer?->status, self::NO_MOVES, true)) && $this->size($from) === $size) {
            throw new MoveRefused("MOVE to $to was answered with {$answer?->status}" . ($isForeign ? ': ' . self::FOREIGN : ''));
        }
        throw $this->size($to) !== null ? new ObjectExists($to) : $this->notMoved($to, $answer);
    }

    public function delete(string $path): void
    {
        $answer = $this->client->request('DELETE', StoragePath::check($path));
        // Where deleting is not allowed, a missing file counts as deleted; size() reports a file drop.
        if (in_array($answer->status, self::NO_SUCH_METHOD, true) && $this->size($path) === null) {
            return;
        }
        if (!in_array($answer->status, [200, 204, 404], true)) {
            throw self::unexpected('DELETE', $path, $answer);
        }
    }

    /**
     * Uses only entries directly in the folder, so that no answer can lead in circles or out of the share.
     *
     * @return \Generator<string, WebDavEntry> by path
     */
    private function children(string $folder): \Generator
    {
        $file = tmpfile();
        $answer = $this->client->propfind($folder, $file);
        if ($answer->status === 404) {
            return;
        }
        if ($answer->status !== WebDavClient::MULTI_STATUS) {
            throw self::unexpected('PROPFIND', $folder, $answer);
        }
        fflush($file);
        foreach (WebDavListing::read(stream_get_meta_data($file)['uri']) as $entry) {
            $path = $entry->path($this->client->sharePath());
            if ($path !== null && StoragePath::isPlain($path) && dirname($path) === $folder) {
                yield $path => $entry;
            }
        }
    }

    /**
     * Refuses a file drop before a byte is sent: a share that shows nothing can never prove an upload, and every
     * attempt would leave a file there, under a name that the share chooses.
     */
    private function refuseFileDrop(string $path): void
    {
        $answer = $this->client->request('HEAD', $path);
        if (in_array($answer->status, self::NO_SUCH_METHOD, true)) {
            throw self::unexpected('HEAD', $path, $answer);
        }
    }

    private function upload(SpooledFile $file, string $path): void
    {
        $answer = $this->send($file, $path);
        if (!in_array($answer->status, [201, 204], true)) {
            throw self::unexpected('PUT', $path, $answer);
        }
        $this->folders[dirname($path)] = true;
        $stored = $answer->sha256 ?? $this->readBack($path);
        if (!hash_equals($file->sha256, $stored)) {
            throw new StorageUnavailable("PUT of $path: the storage holds other bytes than were sent");
        }
    }

    /** PUT into a folder that exists: some servers answer one into a missing folder before the body is read, or with 500. */
    private function send(SpooledFile $file, string $path): WebDavAnswer
    {
        $folder = dirname($path);
        $isKnown = isset($this->folders[$folder]);
        // Known again when the file has arrived: somebody may have removed the folder meanwhile.
        unset($this->folders[$folder]);
        $answer = $isKnown ? $this->client->upload($file, $path) : null;
        if ($answer !== null && !in_array($answer->status, self::NO_SUCH_FOLDER, true)) {
            return $answer;
        }
        $made = $this->makeFolder($folder);
        $answer = $this->client->upload($file, $path);
        if (in_array($answer->status, self::NO_SUCH_FOLDER, true) && !in_array($made->status, self::FOLDER_EXISTS, true)) {
            throw self::unexpected('MKCOL', $folder, $made);
        }
        return $answer;
    }

    private function countBytes(string $path): int
    {
        $count = 0;
        $this->read($path, static function (string $piece) use (&$count): void {
            $count += strlen($piece);
        });
        return $count;
    }

    private function readBack(string $path): string
    {
        $hash = hash_init('sha256');
        $this->read($path, static function (string $piece) use ($hash): void {
            hash_update($hash, $piece);
        });
        return hash_final($hash);
    }

    private function giveName(string $temporary, string $path, int $size): void
    {
        $answer = $this->requestMove($temporary, $path);
        if (in_array($answer?->status, [201, 204], true) || $this->isMoved($temporary, $path, $size)) {
            return;
        }
        if ($answer?->status === 412) {
            throw new ObjectExists($path);
        }
        throw $this->notMoved($path, $answer);
    }

    /** @return WebDavAnswer|null null without an answer: the file may have been moved or not */
    private function requestMove(string $from, string $to): ?WebDavAnswer
    {
        try {
            return $this->client->move($from, $to);
        } catch (StorageUnavailable) {
            return null;
        }
    }

    /**
     * Looks at the files themselves. When an answer was lost and the request was repeated on the way, servers answer 404
     * or 412 to a move that was done.
     */
    private function isMoved(string $from, string $to, int $size): bool
    {
        return $this->size($from) === null && $this->size($to) === $size;
    }

    private function notMoved(string $to, ?WebDavAnswer $answer): StorageUnavailable
    {
        return match (true) {
            $answer === null => new StorageUnavailable("MOVE to $to: no answer"),
            $this->client->isForeign($answer) => StorageUnavailable::noMoves("MOVE to $to was answered with {$answer->status}: " . self::FOREIGN),
            default => self::unexpected('MOVE', $to, $answer),
        };
    }

    /** Removes a temporary file; failing to do so matters less than the error that led here. */
    private function discard(string $temporary): void
    {
        try {
            $this->client->request('DELETE', $temporary);
        } catch (StorageUnavailable) {
            return;
        }
    }

    /** Creates a folder and those above it; returns the answer, which is no error yet where folders may not be created. */
    private function makeFolder(string $folder): WebDavAnswer
    {
        $answer = $this->client->request('MKCOL', "$folder/");
        if ($answer->status === 409 && dirname($folder) !== '/') {
            $above = $this->makeFolder(dirname($folder));
            return in_array($above->status, self::FOLDER_EXISTS, true) ? $this->client->request('MKCOL', "$folder/") : $above;
        }
        return $answer;
    }

    private static function unexpected(string $method, string $path, WebDavAnswer $answer): StorageUnavailable
    {
        if (in_array($method, ['HEAD', 'GET', 'PROPFIND'], true) && in_array($answer->status, self::NO_SUCH_METHOD, true)) {
            return StorageUnavailable::fileDrop("$method $path was answered with {$answer->status}: a file drop, or no WebDAV share");
        }
        $hint = match (true) {
            in_array($answer->status, [401, 403], true) => '; check webdav_token and the rights of the share',
            $answer->status === 507 => '; the share is full',
            $answer->status >= 300 && $answer->status < 400 => '; it redirects, so webdav_url is not the address of the share',
            default => '',
        };
        return new StorageUnavailable("$method $path was answered with {$answer->status}$hint");
    }
}
