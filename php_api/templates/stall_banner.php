<?php
/**
 * @var CrowdSky\Operations\QueueState $queue
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $time
 */
if (!$queue->isStalled) {
    return;
}
?>
<p class="problem" role="alert"><strong><?= $t('The queue stands still.') ?></strong>
<?php if ($queue->waiting > 0) : ?>
    <?= $t->count($queue->waiting, '{n} job waits, since {when}.', '{n} jobs wait, the first since {when}.', ['when' => $time($queue->waitingSince)]) ?>
<?php endif ?>
<?php if ($queue->longRuns > 0) : ?>
    <?= $t->count(
        $queue->longRuns,
        '{n} job has been running for more than half of the longest time allowed.',
        '{n} jobs have been running for more than half of the longest time allowed.'
    ) ?>
<?php endif ?>
    <?= $queue->lastCompletedAt === null
        ? $t('No job was ever completed.')
        : $t('Nothing was completed since {when}.', ['when' => $time($queue->lastCompletedAt)]) ?>
    <?= $t('Look at <a href="admin_workers.php">when the workers were last seen</a> and at the reasons of <a href="admin.php?state=failed">failed jobs</a>.') ?></p>
