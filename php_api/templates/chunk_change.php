<?php
/**
 * One sentence about chunks that were merged or split.
 *
 * @var CrowdSky\Regrouping\ChunkChange $change
 * @var string $who
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Regrouping\ChunkChange;

$values = ['who' => $who, 'job' => $change->jobId, 'others' => implode(', ', $change->otherJobs)];
?>
<?= $change->kind === ChunkChange::MERGED ? $t('{who} merged this chunk, <a href="job.php?id={job}">job {job}</a>, with: job {others}.', $values) : $t('{who} split the chunk of <a href="job.php?id={job}">job {job}</a>: some of its subs are in job {others}.', $values) ?><?= $change->undoneAt === null ? '' : ' ' . $t('That was undone.') ?>
