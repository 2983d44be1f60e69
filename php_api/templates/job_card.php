<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var ?int $stackId
 * @var string $return  page to come back to
 * @var int $chunkMinutes
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\ChunkTime;
use CrowdSky\Pages\Nights\JobWords;

$facts = [
    ChunkTime::of($texts, $job, $chunkMinutes),
    JobWords::material($texts, $job),
    Figures::bytes($texts, $job->totalBytes),
    $job->filterName,
    $job->exposureSeconds === null ? null : Figures::seconds($texts, $job->exposureSeconds),
];
?>
<article class="card" id="job-<?= $e($job->id) ?>">
    <header>
        <h2><a href="job.php?id=<?= $e($job->id) ?>"><?= $job->objectName === null ? $t('Unnamed object') : $e($job->objectName) ?></a></h2>
        <?= $partial('job_state', ['job' => $job]) ?>
    </header>
    <p class="facts"><?= implode(' · ', array_map($e, array_filter($facts, static fn (?string $fact): bool => $fact !== null))) ?></p>
<?= $partial('job_progress', ['job' => $job]) ?>
<?php if ($stackId !== null) : ?>
    <p class="actions"><a class="button" href="stack.php?id=<?= $e($stackId) ?>"><?= $t('See the stack') ?></a>
        <a class="button second" href="download.php?id=<?= $e($stackId) ?>"><?= $t('Download it') ?></a></p>
<?php endif ?>
<?= $partial('job_actions', ['job' => $job, 'return' => $return]) ?>
</article>
