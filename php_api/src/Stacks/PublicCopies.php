<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Fits\PublicHeader;
use CrowdSky\Fits\PublicStack;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Results\ResultServices;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\ObjectStorage;

/**
 * The public copies of stacks and their hashes.
 *
 * A copy takes no room: it is put together while it is sent. Its hash is computed once per stack and version of the
 * rules, for which the stack is read through twice: once as the copy, and once to prove that it is what was archived.
 */
final class PublicCopies
{
    private const DAMAGED = 'This stack is damaged in storage, so there is no copy of it.';

    private function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly StackVerifier $verifier,
        private readonly Clock $clock,
        private readonly string $secret,
    ) {
    }

    public static function of(App $app): self
    {
        return new self($app->database(), $app->storage(), ResultServices::of($app)->verifier(), $app->clock(), $app->data()->secret());
    }

    /**
     * @throws Refusal when the file is no stack
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function copyOf(Stack $stack): PublicStack
    {
        return PublicStack::ofStored($this->storage, $stack->path, $stack->bytes, $this->secret)
            ?? throw Refusal::notFound(self::DAMAGED);
    }

    /**
     * @return string SHA-256 of the copy, hex
     * @throws Refusal when the stack holds other bytes than were archived; a hash of those is not kept
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function sha256(Stack $stack, PublicStack $copy): string
    {
        $known = $this->database->value(
            'SELECT sha256 FROM public_stacks WHERE stack_id = ? AND rule = ? AND source_sha256 = ?',
            [$stack->id, PublicHeader::VERSION, $stack->sha256],
        );
        if ($known !== null) {
            return (string) $known;
        }
        $hash = hash_init('sha256');
        $copy->read(0, $copy->size(), static fn (string $piece): bool => hash_update($hash, $piece));
        $sha256 = hash_final($hash);
        if (!$this->verifier->holds($stack->path, $stack->sha256)) {
            throw Refusal::notFound(self::DAMAGED);
        }
        $this->keep($stack, $sha256);
        return $sha256;
    }

    /**
     * Sends the copy.
     *
     * @throws Refusal as copyOf() and sha256()
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function send(Request $request, Stack $stack, string $fileName): Response
    {
        set_time_limit(0);
        $copy = $this->copyOf($stack);
        $print = static fn (int $offset, int $length) => $copy->read($offset, $length, StackTransfer::send(...));

        return FileResponse::streamed($request, $copy->size(), $this->sha256($stack, $copy), 'application/fits', $fileName, $print);
    }

    private function keep(Stack $stack, string $sha256): void
    {
        $this->database->transaction(function () use ($stack, $sha256): void {
            // Written first: two requests that computed the hash at the same time take turns here.
            $this->database->execute('UPDATE stacked_frames SET id = id WHERE id = ?', [$stack->id]);
            $this->database->execute('DELETE FROM public_stacks WHERE stack_id = ?', [$stack->id]);
            $this->database->insert('public_stacks', [
                'stack_id' => $stack->id,
                'rule' => PublicHeader::VERSION,
                'source_sha256' => $stack->sha256,
                'sha256' => $sha256,
                'created_at' => Utc::stored($this->clock->now()),
            ]);
        });
    }
}
