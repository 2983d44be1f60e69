<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackArchive;

/** Finds a stack for somebody who may see it. */
final class VisibleStacks
{
    private readonly StackArchive $archive;

    public function __construct(Database $database)
    {
        $this->archive = new StackArchive($database);
    }

    public static function of(App $app): self
    {
        return new self($app->database());
    }

    /** @throws Refusal when there is no such stack, or it is not for this viewer: the answer is the same */
    public function get(int $id, Viewer $viewer): Stack
    {
        $stack = $this->archive->find($id);
        if ($stack === null || !Visibility::allows($stack, $viewer)) {
            $advice = $viewer->userId === null && !$viewer->seesAll ? ' If it is yours, log in.' : '';
            throw Refusal::notFound("There is no stack $id, or it is not public.$advice");
        }

        return $stack;
    }

    /**
     * A stack that somebody wants to change.
     *
     * @throws Refusal when there is no such stack, or it belongs to another user who is not to know more about it
     */
    public function getOwn(int $id, User $user): Stack
    {
        $stack = $this->get($id, Viewer::of($user));
        if ($stack->userId !== $user->id && !$user->isAdmin()) {
            throw Refusal::notFound("You have no stack $id.");
        }

        return $stack;
    }
}
