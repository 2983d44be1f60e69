<?php
/**
 * @var CrowdSky\Uploads\UploadSession $session
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var list<array<string, mixed>> $files  of a session that is not finished
 * @var list<CrowdSky\Jobs\Job> $jobs
 * @var array<int, int> $stacks  job id => stack id
 * @var list<array<string, mixed>> $skipped
 * @var list<array{filename: string, reason: string}> $leftOut
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Jobs\Job;
use CrowdSky\Uploads\SameLight;

$isLive = array_filter($jobs, fn (Job $job) => !$job->status->isFinished()) !== [];
?>
<p class="trail"><a href="status.php">My uploads</a></p>
<h1>Upload <?= $e($session->id) ?></h1>
<?= $partial('zone_banner', ['zoneless' => $zoneless]) ?>
<div id="live"<?= $isLive ? ' data-live' : '' ?>>
<?php if ($session->status === 'uploading') : ?>
<p>This upload is not finished: <?= $e(Format::count(count($files), 'sub has', 'subs have')) ?> arrived. Nothing is stacked until it is.</p>
<?php if ($files !== []) : ?>
<form method="post" action="finalize.php" class="actions">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="session_token" value="<?= $e($session->token) ?>">
    <button>Stack what has arrived</button>
</form>
<?php else : ?>
<p><a class="button" href="upload.php">Start a new upload</a></p>
<?php endif ?>
<?php elseif ($session->status === 'expired') : ?>
<p>This upload was never finished and has expired. Its subs are gone; <a href="upload.php">upload them again</a>.</p>
<?php elseif ($jobs === [] && $skipped === [] && $leftOut === []) : ?>
<p class="empty">There is nothing left of this upload.</p>
<?php endif ?>
<?php if ($skipped !== []) : ?>
<p class="note"><?= $e(Format::count(count($skipped), 'chunk was', 'chunks were')) ?> skipped, because all their subs have been
    stacked before: <?= $e(implode(', ', array_column($skipped, 'chunk_key'))) ?>.</p>
<?php endif ?>
<?php if ($leftOut !== []) : ?>
<details class="subs">
    <summary><?= $e(Format::count(count($leftOut), 'sub is', 'subs are')) ?> left out, because light counts once</summary>
    <ul class="files">
<?php foreach ($leftOut as $sub) : ?>
        <li><span class="name"><?= $e($sub['filename']) ?></span> <span class="why"><?= $e($sub['reason']) ?></span></li>
<?php endforeach ?>
    </ul>
<?php if (array_filter($leftOut, static fn (array $sub): bool => SameLight::isOfJob($sub['reason'])) !== []) : ?>
    <p class="hint">Is the sub of the other job the worse one? Delete that job and upload this one again.</p>
<?php endif ?>
</details>
<?php endif ?>
<?php foreach ($jobs as $job) : ?>
<?= $partial('job_card', ['job' => $job, 'stackId' => $stacks[$job->id] ?? null, 'return' => "status.php?session={$session->token}"]) ?>
<?php endforeach ?>
</div>
<?php if ($isLive) : ?>
<p class="hint">Waiting chunks are taken by the next free worker. <span class="with-script">This page keeps itself up to date.</span>
    <span class="without-script">Reload the page to see how it goes.</span></p>
<script src="assets/live.js" defer></script>
<?php endif ?>
