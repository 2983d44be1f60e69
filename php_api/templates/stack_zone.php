<?php
/**
 * @var CrowdSky\Pages\StackClock $clock
 * @var CrowdSky\Jobs\Job $job that made the stack
 * @var ?CrowdSky\Pages\Veil $veil null for the owner
 * @var Closure $e
 */
if ($clock->isWithoutUtc && $veil === null) : ?>
<p class="note"><?php if ($clock->zone === null) : ?>
    This stack has no times in UTC, because the time zone of its telescope is not known. <a href="account.php#zones">Set the
    time zone</a>, then
<?php else : ?>
    The time zone <?= $e($clock->zone) ?> was set after these subs were stacked and does not count for this stack. To get
    its times in UTC,
<?php endif ?>
    delete <a href="job.php?id=<?= $e($job->id) ?>">job <?= $e($job->id) ?></a> and
    <a href="upload.php">upload its subs again</a>.</p>
<?php endif ?>
