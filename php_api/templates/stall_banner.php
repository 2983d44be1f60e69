<?php
/**
 * @var CrowdSky\Operations\QueueState $queue
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;

if (!$queue->isStalled) {
    return;
}
?>
<p class="problem" role="alert"><strong>The queue stands still.</strong> <?= $e(Format::count($queue->waiting, 'job waits', 'jobs wait')) ?>,
    the first since <?= $time($queue->waitingSince) ?>, and
<?php if ($queue->lastCompletedAt === null) : ?>
    no job was ever completed.
<?php else : ?>
    nothing was completed since <?= $time($queue->lastCompletedAt) ?>.
<?php endif ?>
    Look at <a href="admin_workers.php">when the workers were last seen</a> and at the reasons of
    <a href="admin.php?state=failed">failed jobs</a>.</p>
