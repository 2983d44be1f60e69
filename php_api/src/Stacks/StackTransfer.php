<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Results\ResultKind;
use CrowdSky\Storage\ObjectStorage;

/**
 * Sends the files of a stack from the storage, as they are stored.
 *
 * Storage is asked for the size before anything is sent, so that an error never looks like a file.
 */
final class StackTransfer
{
    private const PICTURE_MAX_AGE = 86400;

    private function __construct(private readonly ObjectStorage $storage)
    {
    }

    public static function of(App $app): self
    {
        return new self($app->storage());
    }

    /** @throws Refusal when the storage does not hold the stack as it was archived */
    public function requireWhole(Stack $stack): void
    {
        if ($this->storage->size($stack->path) !== $stack->bytes) {
            throw Refusal::notFound('This stack is missing or damaged in storage; please tell the operator.');
        }
    }

    /**
     * @param string $stem of the file name that is proposed
     * @throws Refusal as requireWhole()
     */
    public function stack(Request $request, Stack $stack, string $stem): Response
    {
        $this->requireWhole($stack);
        $kind = ResultKind::Stack;

        return FileResponse::streamed(
            $request,
            $stack->bytes,
            $stack->sha256,
            $kind->contentType(),
            $stem . $kind->suffix(),
            $this->printing($stack->path)
        );
    }

    /**
     * A picture, or the list of stars.
     *
     * @param string $stem of the file name that is proposed
     * @throws Refusal when the stack has none, or the storage does not hold it
     */
    public function companion(Request $request, Stack $stack, ResultKind $kind, string $stem): Response
    {
        $path = $stack->pathOf($kind) ?? throw Refusal::notFound("This stack has no {$kind->label()}.");
        $bytes = $this->storage->size($path) ?? throw Refusal::notFound("The {$kind->label()} is missing in storage.");
        $tag = "{$kind->value}-{$stack->sha256}";

        return FileResponse::streamed($request, $bytes, $tag, $kind->contentType(), $stem . $kind->suffix(), $this->printing($path), 'inline')
            ->with(['Cache-Control' => 'private, max-age=' . self::PICTURE_MAX_AGE]);
    }

    /** @return \Closure(int, int): void */
    private function printing(string $path): \Closure
    {
        return fn (int $offset, int $length) => $this->storage->read($path, self::send(...), $offset, $length);
    }

    public static function send(string $piece): void
    {
        echo $piece;
        flush();
    }
}
